-- A code sent to the registered telephone: proof that it is the holder, of use once.
create table proof (
    person_id  bigint      not null,
    proof_id   bigint      not null,
    handle     text        not null,
    purpose    text        not null,
    code_index bytea       not null,
    sent_at    timestamptz not null,
    expires_at timestamptz not null,
    primary key (person_id, proof_id),
    unique (handle, person_id)
);
create table proof_try (
    person_id bigint      not null,
    proof_id  bigint      not null,
    seq       integer     not null,
    at        timestamptz not null,
    outcome   text        not null check (outcome in ('wrong', 'used')),
    primary key (person_id, proof_id, seq)
);
create unique index proof_once on proof_try (person_id, proof_id) where outcome = 'used';
do $$
declare
    fact text;
begin
    foreach fact in array array['proof', 'proof_try'] loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on proof, proof_try to minka_desk;
    end if;
end
$$;
