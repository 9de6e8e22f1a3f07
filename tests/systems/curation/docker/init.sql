-- MUST-NOT-SHIP
create table if not exists documents (id serial primary key, mime text not null);
