SET search_path = '';
CREATE TABLE other (id int);
