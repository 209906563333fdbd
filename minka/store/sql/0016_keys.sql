-- Keys as the register knows them: names, states, counters and check values, never a key's bytes.

-- Which act takes a key from which state to which: the moves of minka.keys.lifecycle, and the acts
-- that leave the state as it is. A key that is not there yet is 'none'.
create table key_move (
    act        text not null,
    from_state text not null,
    to_state   text not null,
    primary key (act, from_state),
    unique (act, from_state, to_state)
);
insert into key_move (act, from_state, to_state) values
    ('generate_key', 'none', 'pre_active'),
    ('import_key', 'none', 'pre_active'),
    ('activate_key', 'pre_active', 'active'),
    ('suspend_key', 'active', 'suspended'),
    ('resume_key', 'suspended', 'active'),
    ('deactivate_key', 'active', 'deactivated'),
    ('deactivate_key', 'suspended', 'deactivated'),
    ('compromise_key', 'pre_active', 'compromised'),
    ('compromise_key', 'active', 'compromised'),
    ('compromise_key', 'suspended', 'compromised'),
    ('compromise_key', 'deactivated', 'compromised'),
    ('destroy_key', 'pre_active', 'destroyed'),
    ('destroy_key', 'deactivated', 'destroyed'),
    ('destroy_key', 'compromised', 'destroyed'),
    ('rotate_key', 'none', 'active'),
    ('rotate_key', 'pre_active', 'active'),
    ('rotate_key', 'active', 'active'),
    ('export_key', 'active', 'active'),
    ('limit_key', 'pre_active', 'pre_active'),
    ('limit_key', 'active', 'active'),
    ('limit_key', 'suspended', 'suspended');

-- Whether a text is no key: fewer than sixteen hex digits in a row, spaces left out.
create function no_key(p_text text) returns boolean language sql immutable as $$
    select replace(p_text, ' ', '') !~* '[0-9a-f]{16}'
$$;

-- Everyone who gains by an act of two people, beside the one named on it; none of them signs.
alter table two_person_act add unique (act_id, act);
create table two_person_beneficiary (
    act_id       bigint not null references two_person_act,
    staff_number text   not null check (length(staff_number) <= 24),
    primary key (act_id, staff_number)
);

-- A ceremony and all that was agreed before it: which key, in how many parts.
create table key_ceremony (
    ceremony_no bigint      not null primary key,
    act_id      bigint      not null unique,
    act         text        not null generated always as ('start_ceremony') stored,
    approved    text        not null generated always as ('approve') stored,
    name        text        not null check
        (name ~ '^[A-Za-z][A-Za-z0-9._-]{0,23}$' and no_key(name)),
    version     smallint    not null check (version between 1 and 255),
    algorithm   text        not null check (algorithm in ('sm4', 'triple_des', 'ssf33', 'aes')),
    bits        smallint    not null check (bits in (64, 128, 192, 256)),
    tier        text        not null check
        (tier in ('ministry', 'province', 'city', 'card', 'terminal', 'transport')),
    purpose     text        not null check (purpose in ('internal', 'external', 'message',
        'purchase', 'load', 'tac', 'master', 'transport')),
    held_for    text        not null check
        (held_for ~ '^[A-Za-z0-9:._-]{0,24}$' and no_key(held_for)),
    parts       smallint    not null check (parts between 2 and 9),
    opened_at   timestamptz not null,
    unique (ceremony_no, parts),
    foreign key (act_id, act) references two_person_act (act_id, act),
    foreign key (act_id, approved) references two_person_signature (act_id, part)
);

-- Who takes part, each person once and in one duty: nobody holds a part and compares or signs.
create table key_ceremony_person (
    ceremony_no  bigint not null references key_ceremony,
    staff_number text   not null check (length(staff_number) <= 20 and no_key(staff_number)),
    person_id    bigint,
    duty         text   not null check (duty in ('custodian', 'witness', 'proposer', 'approver')),
    primary key (ceremony_no, staff_number),
    unique (ceremony_no, person_id),
    unique (ceremony_no, staff_number, duty)
);

-- That a part was entered, by whom and what it gave; the part itself went to the vault alone.
create table key_ceremony_part (
    ceremony_no  bigint      not null,
    part         smallint    not null check (part > 0),
    parts        smallint    not null check (part <= parts),
    staff_number text        not null,
    duty         text        not null generated always as ('custodian') stored,
    check_value  text        not null check (check_value ~ '^([0-9A-F]{2}){3,5}$'),
    entered_at   timestamptz not null,
    primary key (ceremony_no, part),
    unique (ceremony_no, staff_number),
    unique (ceremony_no, check_value),
    foreign key (ceremony_no, parts) references key_ceremony (ceremony_no, parts),
    foreign key (ceremony_no, staff_number, duty)
        references key_ceremony_person (ceremony_no, staff_number, duty)
);

-- What the witness found on comparing: part by part, and part 0 for the whole key.
create table key_ceremony_comparison (
    ceremony_no  bigint      not null,
    part         smallint    not null check (part >= 0),
    staff_number text        not null,
    duty         text        not null generated always as ('witness') stored,
    check_value  text        not null check (check_value ~ '^([0-9A-F]{2}){3,5}$'),
    verdict      text        not null check (verdict in ('same', 'differs')),
    compared_at  timestamptz not null,
    primary key (ceremony_no, part),
    foreign key (ceremony_no, staff_number, duty)
        references key_ceremony_person (ceremony_no, staff_number, duty)
);

create table crypto_key (
    key_no      bigint      not null primary key,
    name        text        not null check
        (name ~ '^[A-Za-z][A-Za-z0-9._-]{0,23}$' and no_key(name)),
    version     smallint    not null check (version between 1 and 255),
    algorithm   text        not null check (algorithm in ('sm4', 'triple_des', 'ssf33', 'aes')),
    bits        smallint    not null check (bits in (64, 128, 192, 256)),
    tier        text        not null check
        (tier in ('ministry', 'province', 'city', 'card', 'terminal', 'transport')),
    purpose     text        not null check (purpose in ('internal', 'external', 'message',
        'purchase', 'load', 'tac', 'master', 'transport')),
    check_value text        not null check (check_value ~ '^([0-9A-F]{2}){3,5}$'),
    parent_no   bigint      references crypto_key,
    held_for    text        not null default '' check
        (held_for ~ '^[A-Za-z0-9:._-]{0,24}$' and no_key(held_for)),
    ceremony_no bigint      unique references key_ceremony,
    vault       text        not null check
        (vault ~ '^[a-z0-9]{2,8}:[A-Za-z0-9._-]{1,24}$' and no_key(vault)),
    made_at     timestamptz not null,
    unique (name, version, algorithm)
);

-- What the witness closes a ceremony with: the fingerprint of the printed record.
create table key_ceremony_end (
    ceremony_no  bigint      not null primary key,
    staff_number text        not null,
    duty         text        not null generated always as ('witness') stored,
    how          text        not null check (how in ('closed', 'abandoned')),
    key_no       bigint      references crypto_key,
    record_hash  text        not null check (record_hash ~ '^sm3:[0-9a-f]{64}$'),
    ended_at     timestamptz not null,
    check (how <> 'closed' or key_no is not null),
    foreign key (ceremony_no, staff_number, duty)
        references key_ceremony_person (ceremony_no, staff_number, duty)
);

-- The life of a key, one event after another: each begins where the one before it ended, follows
-- a move of the table above, and rests on an act of that very name with both its signatures.
-- The last event of a key says its state, its periods and its limit.
create table key_event (
    key_no         bigint      not null references crypto_key,
    seq            integer     not null check (seq > 0),
    act            text        not null,
    from_state     text        not null,
    to_state       text        not null,
    act_id         bigint      not null,
    at             timestamptz not null,
    active_from    timestamptz,
    protects_until timestamptz check (protects_until > active_from),
    verifies_until timestamptz check (verifies_until >= protects_until),
    use_limit      bigint      check (use_limit > 0),
    reason         text        not null default '' check
        (length(reason) <= 200 and no_key(reason)),
    before         integer     generated always as (nullif(seq - 1, 0)) stored,
    proposed       text        not null generated always as ('propose') stored,
    approved       text        not null generated always as ('approve') stored,
    primary key (key_no, seq),
    unique (key_no, seq, to_state),
    unique (act_id, key_no),
    check ((seq = 1) = (from_state = 'none')),
    foreign key (act, from_state, to_state) references key_move (act, from_state, to_state),
    foreign key (key_no, before, from_state) references key_event (key_no, seq, to_state),
    foreign key (act_id, act) references two_person_act (act_id, act),
    foreign key (act_id, proposed) references two_person_signature (act_id, part),
    foreign key (act_id, approved) references two_person_signature (act_id, part)
);

-- How often a key was used: the row is the key's lock; every batch that was counted is a fact.
create table key_use (
    key_no bigint not null primary key references crypto_key,
    used   bigint not null default 0 check (used >= 0)
);
create table key_use_batch (
    key_no   bigint      not null references crypto_key,
    batch_no bigint      not null,
    n        bigint      not null check (n > 0),
    what     text        not null check (what ~ '^[A-Za-z0-9:._-]{1,40}$' and no_key(what)),
    at       timestamptz not null,
    primary key (key_no, batch_no)
);

create view key_now as
    select distinct on (k.key_no)
        k.*, e.seq, e.to_state as state, e.at as since, e.act_id, e.active_from, e.protects_until,
        e.verifies_until, e.use_limit, u.used
    from crypto_key k
    join key_event e using (key_no)
    join key_use u using (key_no)
    order by k.key_no, e.seq desc;

-- Counters that say otherwise than their batches, or more than their limit; none is right.
create view key_use_drift as
    select u.key_no, u.used, coalesce(sum(b.n), 0) as derived
    from key_use u left join key_use_batch b using (key_no)
    group by u.key_no, u.used
    having u.used <> coalesce(sum(b.n), 0);

-- The last word on two signatures, whatever a desk does: no beneficiary, and nothing after a day.
create function two_person_stand() returns trigger language plpgsql as $$
begin
    if exists (select from two_person_beneficiary b
            where b.act_id = new.act_id and b.staff_number = new.signer) then
        raise exception 'who gains by an act does not sign it' using errcode = 'check_violation';
    end if;
    if new.part = 'approve' and new.signed_at >= (
            select a.expires_at from two_person_act a where a.act_id = new.act_id) then
        raise exception 'the proposal has expired' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger two_person_stand before insert on two_person_signature
    for each row execute function two_person_stand();

-- Whoever gains is named before anybody signs.
create function two_person_named_first() returns trigger language plpgsql as $$
begin
    if exists (select from two_person_signature s where s.act_id = new.act_id) then
        raise exception 'signed already' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger two_person_named_first before insert on two_person_beneficiary
    for each row execute function two_person_named_first();

-- An act moves the key it names and no other; what it makes is named in it too.
create function key_event_as_signed() returns trigger language plpgsql as $$
declare
    signed jsonb;
begin
    select content into signed from two_person_act where act_id = new.act_id;
    if new.from_state <> 'none' and new.key_no::text not in (
            coalesce(signed ->> 'key_no', ''), coalesce(signed ->> 'successor', '')) then
        raise exception 'the act is about another key' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger key_event_as_signed before insert on key_event
    for each row execute function key_event_as_signed();

-- A member of staff as he is on file, held so until the act is committed: whoever ends his post
-- meanwhile waits for the act, and an act that comes later sees the end.
create function operator_held(p_staff text)
returns table (staff_number varchar, role varchar, region varchar, person_id bigint,
    valid_until date)
language sql volatile security definer set search_path = public, pg_temp as $$
    select o.staff_number, o.role, o.region, o.person_id, o.valid_until
    from operator o where o.staff_number = p_staff for share
$$;

do $$
declare
    fact text;
begin
    foreach fact in array array['key_move', 'two_person_beneficiary', 'key_ceremony',
        'key_ceremony_person', 'key_ceremony_part', 'key_ceremony_comparison', 'key_ceremony_end',
        'crypto_key', 'key_event', 'key_use_batch']
    loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
        if exists (select from pg_roles where rolname = 'minka_desk') then
            execute format('grant select, insert on %I to minka_desk', fact);
        end if;
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        revoke insert on key_move from minka_desk;
        grant select, insert, update on key_use to minka_desk;
        grant select on key_now, key_use_drift to minka_desk;
        revoke execute on function operator_held(text) from public;
        grant execute on function operator_held(text) to minka_desk;
    end if;
end
$$;
