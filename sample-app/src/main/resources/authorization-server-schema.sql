create table spent_refresh_token (
	token_hash varchar(43) not null primary key,
	authorization_id varchar(100) not null
);
