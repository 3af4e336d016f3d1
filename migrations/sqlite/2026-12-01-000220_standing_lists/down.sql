DROP TABLE standing_line;
DROP TABLE standing_list;
