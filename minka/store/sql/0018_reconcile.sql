-- Files of providers and for them, and a version of the reference data of care that nobody forgets.

-- A file as it came or was made: named by the message it belongs to, kept until an instant.
create table insurance_file (
    file_no   text        not null primary key,
    origin_no integer     not null references provider (provider_no),
    filename  text        not null,
    content   bytea       not null,
    at        timestamptz not null,
    until_at  timestamptz not null check (until_at > at)
);

-- Whoever keeps reference data in memory looks at one number.
create function care_moved() returns trigger language plpgsql as $$
begin
    update care_version set version = version + 1;
    return null;
end
$$;

do $$
declare
    kept text;
begin
    foreach kept in array array['pooling_area', 'provider', 'designation', 'catalogue_item',
        'price_limit', 'selfpay_ratio']
    loop
        execute format('create trigger care_moved after insert or update or delete or truncate
            on %I for each statement execute function care_moved()', kept);
    end loop;
    create trigger facts_stay before update or delete on insurance_file
        for each row execute function facts_stay();
    create trigger facts_stay_whole before truncate on insurance_file
        for each statement execute function facts_stay();
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on insurance_file to minka_desk;
    end if;
end
$$;
