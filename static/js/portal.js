// The portal's script. Everything here is a help: each page does its work without it. No framework, no eval, no inline code.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]") != null;

  // The thin bar while something loads.
  const bar = one("#bar");
  const busy = (on) => { if (bar) bar.hidden = !on; };
  window.addEventListener("pageshow", () => {
    busy(false);
    all("form[data-sent]").forEach((form) => form.removeAttribute("data-sent"));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const leaves = link.origin === location.origin && !link.hasAttribute("download") && !link.target
      && (link.pathname !== location.pathname || link.search !== location.search);
    if (leaves) busy(true);
  });

  // Keys: `/` to the search; in the page's list j and k move, Enter opens, x chooses.
  const rows = () => all("table[data-keys] tbody tr");
  const goTo = (row) => {
    if (!row) return;
    rows().forEach((other) => other.classList.toggle("at", other === row));
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const list = rows();
    const at = list.findIndex((row) => row.classList.contains("at"));
    goTo(list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const keys = {
    "/": () => { const box = one("[data-slash]"); box?.focus(); box?.select(); },
    j: () => step(1),
    k: () => step(-1),
    x: () => one("tr.at input[data-choose]")?.click(),
    "?": () => one("#keys")?.showModal(),
    Enter: (event) => {
      const row = event.target.closest("tr.at");
      if (!row || event.target !== row) return false;
      one("a[data-open]", row)?.click();
      return true;
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || one("dialog[open]")) return;
    if (typing(event.target) && event.target.type !== "checkbox") return;
    const act = keys[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });

  // Chosen rows and what can be done with them.
  const showChosen = () => {
    const boxes = all("input[data-choose]");
    const count = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked));
    all("[data-bulk]").forEach((bulk) => {
      bulk.classList.toggle("on", count > 0);
      one("[data-chosen]", bulk).textContent = count;
    });
    all("input[data-choose-all]").forEach((box) => {
      box.checked = count > 0 && count === boxes.length;
      box.indeterminate = count > 0 && count < boxes.length;
    });
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) all("input[data-choose]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-choose-all], [data-choose]")) showChosen();
  });

  // The choice of columns. Without script the form puts it into the address; with it a change shows at once, and the browser
  // keeps it under the table's id. What the address says goes before what the browser kept.
  const kept = (id) => { try { return JSON.parse(localStorage.getItem(`columns:${id}`)) ?? []; } catch { return []; } };
  const keep = (id, hidden) => { try { localStorage.setItem(`columns:${id}`, JSON.stringify(hidden)); } catch { /* not kept, still shown */ } };
  const columnChoice = (menu) => {
    const table = document.getElementById(menu.dataset.columns);
    if (!table) return;
    const named = new URLSearchParams(location.search).has("columns");
    const hidden = new Set(named ? [] : kept(table.id));
    const heads = [...table.tHead.rows[0].children];
    all("input[name=columns]", menu).forEach((box) => {
      const index = heads.findIndex((head) => head.dataset.column === box.value);
      const show = () => all("tr", table).forEach((row) => { if (row.children[index]) row.children[index].hidden = !box.checked; });
      if (index >= 0 && hidden.has(box.value)) { box.checked = false; show(); }
      box.addEventListener("change", () => {
        if (index < 0) { box.form.requestSubmit(); return; }
        if (box.checked) hidden.delete(box.value); else hidden.add(box.value);
        if (!named) keep(table.id, [...hidden]);
        show();
      });
    });
  };

  // 「为什么」 in a side sheet. The address is a whole page; the sheet shows its marked part.
  const sheet = one("#sheet");
  const fillSheet = (content, href) => {
    const head = document.createElement("div");
    head.className = "sheet-head";
    const title = Object.assign(document.createElement("h1"), { textContent: content.dataset.title || "为什么" });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet", textContent: "关闭", autofocus: true });
    close.addEventListener("click", () => sheet.close());
    head.append(title, close);
    const body = document.createElement("div");
    body.className = "sheet-body";
    const whole = Object.assign(document.createElement("a"), { href, textContent: "在单独的页面打开" });
    body.append(document.importNode(content, true), whole);
    sheet.setAttribute("aria-label", `为什么：${content.dataset.title || ""}`);
    sheet.replaceChildren(head, body);
  };
  const openSheet = async (href) => {
    busy(true);
    try {
      const answer = await fetch(href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const content = one("[data-sheet-content]", page);
      if (!answer.ok || answer.redirected || !content) throw new Error("no sheet");
      fillSheet(content, href);
      sheet.showModal();
    } catch { location.assign(href); } finally { busy(false); }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || !sheet?.showModal || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    openSheet(link.href);
  }, true);
  sheet?.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });

  // Forms: checked on leaving a field with the server's own messages; nothing typed is lost; the first wrong field gets the focus.
  const send = (form, href, more = {}) => {
    const data = new URLSearchParams();
    new FormData(form).forEach((value, name) => { if (typeof value === "string") data.append(name, value); });
    Object.entries(more).forEach(([name, value]) => data.append(name, value));
    return fetch(href, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
  };
  const say = (form, name, message) => {
    const holder = one(`[data-field="${CSS.escape(name)}"]`, form);
    if (!holder) return;
    const control = form.elements.namedItem(name);
    holder.classList.toggle("field-wrong", message !== "");
    one(".error", holder).textContent = message;
    if (control?.setAttribute) { if (message) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid"); }
  };
  const checkField = async (form, name) => {
    try {
      const answer = await send(form, form.dataset.check, { check: name });
      if (!answer.ok) return;
      const { errors } = await answer.json();
      say(form, name, errors?.[name] ?? "");
    } catch { /* the server checks again when the form is sent */ }
  };
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.dataset.check && event.target.closest("[data-field]")) checkField(form, event.target.name);
  });

  // Files that are too large are told at once; the server tells it again.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches?.("input[type=file][data-most]")) return;
    const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
    const most = Number(input.dataset.most);
    const much = bytes > most * 1048576;
    say(input.form, input.name, much ? `所选文件超过 ${most} MiB，请压缩或分次上传。` : "");
    if (much) input.value = "";
  });

  // Drafts: saved two seconds after the last change; the server says when.
  const waiting = new Map();
  const saveDraft = async (form) => {
    const state = one("[data-draft-state]", form);
    try {
      const answer = await send(form, form.dataset.draft, { act: "autosave" });
      const body = await answer.json().catch(() => ({}));
      const when = answer.ok ? body.saved_at : undefined;
      const why = answer.status === 401 ? "登录已过期，草稿没有保存。请在新窗口登录后回到本页继续" : body.error;
      if (state) state.textContent = when ? `草稿已于 ${when} 保存` : (why ?? "草稿暂未保存，您填的内容还在本页");
      if (when) form.removeAttribute("data-changed");
    } catch { if (state) state.textContent = "草稿暂未保存，您填的内容还在本页"; }
  };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || event.target.hasAttribute("data-slash")) return;
    form.setAttribute("data-changed", "");
    if (!form.dataset.draft) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => saveDraft(form), 2000));
  });
  window.addEventListener("beforeunload", (event) => {
    if (one("form[data-guard][data-changed]:not([data-sent])")) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    clearTimeout(waiting.get(form));
    form.setAttribute("data-sent", "");
    busy(true);
  });

  // A box that searches while one types: the answer is a part of a page. Enter takes the first hit, as soon as it is there.
  const searches = new WeakMap();
  const look = async (box) => {
    const into = document.getElementById(box.dataset.into);
    const text = box.value.trim();
    const search = searches.get(box);
    search.asked?.abort();
    search.asked = new AbortController();
    const query = new URLSearchParams({ q: text });
    const beside = box.dataset.with;
    if (beside) query.set(beside, box.form.elements.namedItem(beside)?.value ?? "");
    try {
      const answer = await fetch(`${box.dataset.find}?${query}`, { headers: { Accept: "text/html" }, credentials: "same-origin", signal: search.asked.signal });
      if (!answer.ok || answer.redirected) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      into.replaceChildren(...document.importNode(part.body, true).childNodes);
      search.shown = text;
      all(".table-frame", into).forEach(fit);
      if (search.take) takeFirst(box);
    } catch { /* the button beside the box still searches */ }
  };
  const takeFirst = (box) => {
    const hit = one("[data-hit]", document.getElementById(box.dataset.into));
    searches.get(box).take = false;
    if (hit) hit.click();
  };
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.dataset?.find) return;
    const search = searches.get(box) ?? {};
    searches.set(box, search);
    search.take = false;
    clearTimeout(search.waiting);
    search.waiting = setTimeout(() => look(box), 150);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    const search = searches.get(box);
    if (event.key !== "Enter" || event.isComposing || !search || box.value.trim() === "") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (search.shown === box.value.trim()) { takeFirst(box); return; }
    search.take = true;
    clearTimeout(search.waiting);
    look(box);
  });

  // Enter in a column of figures goes to the next of them, as in a spreadsheet; behind the last one it stays.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("input[data-next]")) return;
    event.preventDefault();
    const figures = [...event.target.form.elements].filter((field) => field.matches("input[data-next]"));
    const next = figures[figures.indexOf(event.target) + 1];
    next?.focus();
    next?.select();
  });

  // The bar below a list whose rows take figures shows how many are filled in.
  const filled = () => all("[data-filled]").forEach((bar) => {
    const count = [...bar.closest("form").elements].filter((field) => field.matches("input[data-next]") && field.value.trim()).length;
    bar.classList.toggle("on", count > 0);
    one("[data-count]", bar).textContent = count;
  });
  document.addEventListener("input", (event) => event.target.matches?.("input[data-next]") && filled());
  filled();

  // Enter in a search box inside a larger form presses that box's own button.
  document.addEventListener("keydown", (event) => {
    const button = event.target.dataset?.enter;
    if (event.key !== "Enter" || !button || event.isComposing) return;
    event.preventDefault();
    document.getElementById(button)?.click();
  });

  // Filters act when a list is changed; words wait for Enter. Empty ones stay out of the address.
  document.addEventListener("change", (event) => { if (event.target.matches("form[data-filters] select")) event.target.form.requestSubmit(); });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form[data-filters]")) return;
    [...event.formData.entries()].forEach(([name, value]) => { if (value === "") event.formData.delete(name); });
  });

  // Amounts while typing, for the eye only, in whole millionths of a yuan; the server computes what counts.
  const MILLION = 1000000n;
  const micro = (text) => {
    const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
    return match ? BigInt(match[1]) * MILLION + BigInt((match[2] ?? "").padEnd(6, "0")) : null;
  };
  const money = (value) => {
    const whole = String(value / MILLION).replace(/\B(?=(\d{3})+$)/g, ",");
    const rest = String(value % MILLION).padStart(6, "0").replace(/0{1,4}$/, "");
    return `${whole}.${rest}`;
  };
  const units = (text) => {
    const plain = text.normalize("NFKC").replace(/[\s,]/g, "");
    return /^[1-9]\d{0,9}$/.test(plain) ? BigInt(plain) : null;
  };
  const showAmounts = (form) => {
    let sum = 0n;
    all("output[data-amount]", form).forEach((output) => {
      const price = micro(output.dataset.price);
      const count = units(form.elements.namedItem(output.dataset.of)?.value ?? "");
      output.textContent = price === null || count === null ? "—" : money(price * count);
      if (price !== null && count !== null) sum += price * count;
    });
    const total = one("output[data-total]", form);
    if (total) total.textContent = money(sum);
  };
  document.addEventListener("input", (event) => { if (event.target.form && one("output[data-amount]", event.target.form)) showAmounts(event.target.form); });

  // A long field says how much of it is written.
  const count = (area) => {
    let counter = one(".counter", area.parentElement);
    if (!counter) {
      counter = Object.assign(document.createElement("span"), { className: "counter" });
      area.after(counter);
    }
    counter.textContent = `${[...area.value].length} / ${area.maxLength} 字`;
  };
  document.addEventListener("input", (event) => { if (event.target.matches("textarea[data-count]")) count(event.target); });

  // Small things: menus close, details close, copy, print.
  document.addEventListener("click", (event) => {
    all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const target = event.target;
    if (target.closest("[data-print]")) window.print();
    const closer = target.closest("[data-close-details]");
    if (closer) { const box = closer.closest("details"); box.open = false; one("summary", box).focus(); }
    const copier = target.closest("[data-copy]");
    const source = copier && (one(copier.dataset.copy, copier.closest(".why-content") ?? document));
    if (source) navigator.clipboard?.writeText(source.textContent).then(() => { copier.textContent = "已复制"; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = one("details[data-menu][open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); }
    if (!menu && !one("dialog[open]") && !one("details.confirm[open]")) one("[data-escape]")?.click();
    const asking = event.target.closest?.("details.confirm[open]") ?? one("details.confirm[open]");
    if (asking && !menu && !one("dialog[open]")) { asking.open = false; one("summary", asking).focus(); }
    if (location.hash === "#nav") location.hash = "#main";
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.confirm[open]")) one("input:not([type=hidden]), textarea, select, .consequence", event.target)?.focus();
  }, true);

  // Long work asks every two seconds how it stands; what the page then says takes the place of the whole page, also the end.
  const follow = (job) => setTimeout(async () => {
    try {
      const answer = await fetch(job.dataset.again, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (answer.redirected) { location.reload(); return; }
      const main = answer.ok && one("main", new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (main) { one("main").replaceChildren(...document.importNode(main, true).childNodes); start(one("main")); return; }
    } catch { /* asked again */ }
    follow(job);
  }, 2000);

  // A table that fits its place lends its head to the page's own scrolling; a wider one scrolls sideways in its frame.
  const fit = (frame) => {
    frame.classList.remove("fits");
    frame.classList.toggle("fits", frame.scrollWidth <= frame.clientWidth);
  };
  const fitAll = () => all(".table-frame").forEach(fit);
  window.addEventListener("resize", fitAll);

  // On a phone a row is a card: each value says of which column it is.
  const label = (table) => {
    const heads = [...table.tHead.rows[0].cells].map((head) => one(".visually-hidden", head) ? "" : head.textContent.replace(/[↑↓]/g, "").trim());
    all("tbody tr, tfoot tr", table).forEach((row) => [...row.cells].forEach((cell, at) => {
      if (cell.tagName === "TD" && heads[at]) cell.dataset.label = heads[at];
    }));
  };

  const start = (root) => {
    all("[data-again]", root).forEach(follow);
    all("table.stack", root).forEach(label);
    all("[data-columns]", root).forEach(columnChoice);
    all("textarea[data-count]", root).forEach(count);
    all("form", root).forEach((form) => { if (one("output[data-amount]", form)) showAmounts(form); });
    showChosen();
    fitAll();
  };
  start(document);
  const wrong = one("[aria-invalid=true]");
  if (wrong && !location.hash) wrong.focus();
})();
