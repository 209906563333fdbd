-- PINs: what was done about them and every try that moved a counter. A PIN itself stands nowhere:
-- `value` is a keyed hash that is bound to its person and card.

-- The PIN of a card as it stands: the one narrow row that moves, derivable from the facts below.
create table pin (
    person_id     bigint      not null,
    card_id       bigint      not null,
    value         bytea       not null check (length(value) = 16),
    wrong         integer     not null default 0 check (wrong >= 0),
    last_wrong_at timestamptz,
    lost_at       timestamptz,
    version       bigint      not null check (version > 0),
    primary key (person_id, card_id),
    foreign key (person_id, card_id) references card,
    check ((wrong > 0) = (last_wrong_at is not null))
) with (fillfactor = 70);

-- What was done, and every try that counts: a wrong one, and the right one that ends a row of them.
-- Both are numbered by the version of the narrow row they made.
create table pin_fact (
    person_id bigint      not null,
    card_id   bigint      not null,
    seq       bigint      not null check (seq > 0),
    at        timestamptz not null,
    fact      text        not null check (fact in ('set', 'changed', 'lost', 'reset')),
    value     bytea       check (length(value) = 16),
    channel   text        not null,
    place_id  text,
    operator  text        not null,
    rule_ref  text        not null,
    details   jsonb       not null,
    primary key (person_id, card_id, seq),
    foreign key (person_id, card_id) references card,
    check ((value is null) = (fact = 'lost'))
);
create table pin_try (
    person_id bigint      not null,
    card_id   bigint      not null,
    seq       bigint      not null check (seq > 0),
    at        timestamptz not null,
    outcome   text        not null check (outcome in ('wrong', 'right')),
    origin    text        not null,
    primary key (person_id, card_id, seq),
    foreign key (person_id, card_id) references card
);

-- Differences between the narrow row and what its facts say; none is the only right answer.
create view pin_drift as
    with event as (
        select person_id, card_id, seq, at, fact, value from pin_fact
        union all
        select person_id, card_id, seq, at, outcome, null from pin_try
    ), derived as (
        select e.person_id, e.card_id,
            max(e.seq) as version,
            count(*) as events,
            count(*) filter (where e.fact = 'wrong' and e.seq > coalesce(r.seq, 0)) as wrong,
            max(e.at) filter (where e.fact = 'wrong' and e.seq > coalesce(r.seq, 0)) as wrong_at,
            max(e.at) filter (where e.fact = 'lost' and e.seq > coalesce(r.seq, 0)) as lost_at
        from event e
        left join lateral (
            select max(f.seq) as seq from event f
            where f.person_id = e.person_id and f.card_id = e.card_id
              and f.fact in ('set', 'changed', 'reset', 'right')
        ) r on true
        group by e.person_id, e.card_id
    )
    select coalesce(p.person_id, d.person_id) as person_id,
        coalesce(p.card_id, d.card_id) as card_id
    from pin p
    full join derived d on d.person_id = p.person_id and d.card_id = p.card_id
    where (p.version, p.version, p.wrong, p.last_wrong_at, p.lost_at)
        is distinct from (d.version, d.events, d.wrong, d.wrong_at, d.lost_at)
       or p.value is distinct from (
            select f.value from pin_fact f
            where f.person_id = p.person_id and f.card_id = p.card_id and f.value is not null
            order by f.seq desc limit 1);

-- A card terminal (POS) and whose it is. Its number is the origin of its messages, in a range of
-- its own beside the numbers of providers.
create table terminal (
    terminal_no integer not null primary key check (terminal_no between 50000000 and 99999999),
    terminal_id text    not null unique check (terminal_id ~ '^[0-9A-Za-z]{8}$'),
    provider_no integer not null references provider,
    from_on     date    not null,
    until_on    date    not null default 'infinity',
    check (until_on > from_on)
);

do $$
declare
    fact text;
begin
    foreach fact in array array['pin_fact', 'pin_try'] loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on pin, pin_fact, pin_try to minka_desk;
        grant update on pin to minka_desk;
        grant select on pin_drift, terminal to minka_desk;
    end if;
end
$$;
