//! What the offices of trade compute without a database.

mod present {
    use jicai::order::present::one::spoken;

    #[test]
    fn a_number_is_said_in_groups() {
        assert_eq!(spoken("240805-7K3QWX-4"), "二四零八零五，七 K 三 Q W X，四");
    }
}

mod form {
    use jicai::order::form::{FormAct, LineForm, OrderForm};
    use jicai::platform::error::Error;
    use jicai::platform::http::form::Form;
    use jicai::platform::sql::Id;

    fn filled() -> OrderForm {
        let line = |quantity: &str| LineForm {
            price: "15.01".into(),
            quantity: quantity.into(),
            remark: "10 支装".into(),
            acknowledged: true,
            reason: "临床急需，无替代品种".into(),
            ..LineForm::of(Id::new())
        };
        OrderForm {
            draft: "d".into(),
            address: Id::new().to_string(),
            supplier: Id::new().to_string(),
            wanted_on: "2024-08-09".into(),
            lines: vec![line("１０"), line("1.5")],
            ..OrderForm::default()
        }
    }

    #[test]
    fn the_fields_carry_all_of_it() {
        let form = filled();
        assert_eq!(OrderForm::of(&Form::from_fields(form.fields())), form);
    }

    #[test]
    fn a_replaced_line_keeps_its_quantity_and_loses_its_reason() {
        let (mut form, other) = (filled(), Id::new());
        form.apply(&FormAct::Replace(0, other));
        let line = &form.lines[0];
        assert_eq!(
            (line.listing(), line.quantity.as_str(), line.remark.as_str()),
            (Some(other), "１０", "10 支装")
        );
        assert_eq!((line.acknowledged, line.reason.as_str(), line.price.as_str()), (false, "", ""));
        form.apply(&FormAct::Remove(0));
        form.apply(&FormAct::Remove(7));
        assert_eq!(form.lines.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_what_was_typed() {
        let mut form = filled();
        let Err(Error::Refused(refusal)) = form.read() else { panic!("1.5 is no quantity") };
        assert_eq!(refusal.errors.len(), 1);
        assert_eq!(refusal.errors[0].pointer, "/line-1-quantity");
        assert!(refusal.errors[0].detail.contains("1.5"), "{}", refusal.errors[0].detail);
        form.lines[1].quantity = "2".into();
        let input = form.read().expect("readable");
        assert_eq!(input.lines.iter().map(|l| l.quantity.get()).collect::<Vec<_>>(), [10, 2]);
    }

    #[test]
    fn buttons_say_what_they_want() {
        let id = Id::new();
        let act = |value: String| FormAct::of(&Form::from_fields(vec![("act".into(), value)]));
        assert_eq!(act("preview".into()), FormAct::Preview);
        assert_eq!(act(String::new()), FormAct::Preview);
        assert_eq!(act(format!("add:{id}")), FormAct::Add(id));
        assert_eq!(act("remove:3".into()), FormAct::Remove(3));
        assert_eq!(act(format!("replace:2:{id}")), FormAct::Replace(2, id));
        assert_eq!(act("replace:2:nothing".into()), FormAct::Edit);
    }
}

mod adding {
    use jicai::order::form::{LineForm, OrderForm};
    use jicai::order::pricing::LINES;
    use jicai::platform::sql::Id;

    fn form(lines: &[(Id, &str, &str)]) -> OrderForm {
        let line = |(listing, quantity, remark): &(Id, &str, &str)| LineForm {
            quantity: (*quantity).into(),
            remark: (*remark).into(),
            ..LineForm::of(*listing)
        };
        OrderForm { lines: lines.iter().map(line).collect(), ..OrderForm::default() }
    }

    fn kept(form: &OrderForm) -> Vec<(Id, &str, &str)> {
        form.lines.iter().map(|l| (l.listing().unwrap(), l.quantity.as_str(), l.remark.as_str())).collect()
    }

    #[test]
    fn a_product_that_stands_already_is_pointed_out() {
        let (a, b) = (Id::new(), Id::new());
        let mut filled = form(&[(a, "10", ""), (b, "5", "")]);
        let told = filled.add(b).expect("told");
        assert_eq!((told.line, told.text.contains("第 2 行")), (Some(1), true));
        assert_eq!(filled.lines.len(), 2);
        let ids: Vec<Id> = (0..LINES).map(|_| Id::new()).collect();
        let mut full = form(&ids.iter().map(|id| (*id, "1", "")).collect::<Vec<_>>());
        assert!(full.add(a).expect("told").text.contains("200"));
        assert_eq!(full.lines.len(), LINES);
    }

    #[test]
    fn replacing_by_a_product_of_another_line_adds_the_quantities() {
        let (a, b) = (Id::new(), Id::new());
        let mut filled = form(&[(a, "１０", "10 支装"), (b, "5", "冷藏")]);
        let told = filled.replace(0, b).expect("told");
        assert_eq!((told.line, told.text.contains("15")), (Some(0), true), "{told:?}");
        assert_eq!(kept(&filled), [(b, "15", "冷藏；10 支装")]);
        let mut empty = form(&[(a, "", ""), (b, "", "冷藏"), (Id::new(), "3", "")]);
        assert_eq!(empty.replace(2, b).expect("told").line, Some(1));
        assert_eq!(kept(&empty), [(a, "", ""), (b, "3", "冷藏")]);
    }

    #[test]
    fn quantities_that_cannot_be_added_stay_as_they_were_typed() {
        let (a, b) = (Id::new(), Id::new());
        for (first, second) in [("1.5", "5"), ("5", "x"), ("1000000000", "1")] {
            let mut filled = form(&[(a, first, ""), (b, second, "")]);
            let before = filled.clone();
            assert_eq!(filled.replace(0, b).expect("told").line, Some(1));
            assert_eq!(filled, before);
        }
    }
}
