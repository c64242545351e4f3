create table if not exists oauth2_pkce_credential (
	-- SHA-256 of namespace, provider and principal: names are too long for a key
	credential_key varchar(64) not null,
	-- empty, or what became of a record that could not be read when its person logged in anew
	set_aside varchar(36) not null,
	-- for operators, shortened
	provider_id varchar(100) not null,
	principal_name varchar(200) not null,
	generation bigint not null,
	-- encrypted
	credential bytea not null,
	-- in UTC
	expires_at timestamp(3),
	updated_at timestamp(3) not null,
	-- for operators, shortened: whose record; null for a version that knew no namespaces
	namespace varchar(100),
	primary key (credential_key, set_aside)
);

-- what a version without namespaces has left; not each time, because it waits for every reader
do 'begin
	if not exists (select 1 from pg_attribute where attrelid = to_regclass(''oauth2_pkce_credential'')
			and attname = ''namespace'' and not attisdropped) then
		alter table oauth2_pkce_credential add column if not exists namespace varchar(100);
	end if;
end';

create table if not exists oauth2_pkce_lock (
	credential_key varchar(64) not null,
	owner varchar(36) not null,
	-- in milliseconds since 1970, by the clock of the database
	locked_until bigint not null,
	primary key (credential_key)
);
