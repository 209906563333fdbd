-- A question about a transaction or an objection to it, tied to it, and its one dated answer.
-- ref: what it is about, the public number of a settlement or of a ledger entry.
-- round: a transaction has one open question; it may be asked about again once that is answered.
-- words: what the holder says, sealed; it may name people.
create table dispute (
    person_id  bigint      not null references person,
    dispute_id bigint      not null,
    code       text        not null,
    ref        text        not null,
    round      integer     not null check (round > 0),
    kind       text        not null check (kind in ('question', 'objection')),
    reason     text        not null,
    words      bytea,
    channel    text        not null,
    operator   text        not null,
    card_id    bigint      not null,
    about_at   timestamptz not null,
    opened_at  timestamptz not null,
    promise_at timestamptz,
    promise    text        not null check (promise in ('law', 'assumed', 'none')),
    rule_ref   text        not null,
    primary key (person_id, dispute_id),
    unique (ref, round, person_id),
    check ((promise = 'none') = (promise_at is null))
);
create table dispute_answer (
    person_id   bigint      not null,
    dispute_id  bigint      not null,
    answered_at timestamptz not null,
    outcome     text        not null check (outcome in ('right', 'wrong', 'not_holder')),
    words       bytea       not null,
    operator    text        not null,
    role        text        not null,
    primary key (person_id, dispute_id),
    foreign key (person_id, dispute_id) references dispute
);
create index dispute_opened on dispute (opened_at);

-- A printed statement: what it said in few words, so that a copy of it can be held against it.
create table statement_issue (
    person_id    bigint      not null references person,
    statement_id bigint      not null,
    code         text        not null,
    since_at     timestamptz not null,
    until_at     timestamptz not null check (until_at >= since_at),
    lines        integer     not null check (lines >= 0),
    opening_fen  bigint      not null,
    closing_fen  bigint      not null,
    digest       bytea       not null,
    issued_at    timestamptz not null,
    channel      text        not null,
    operator     text        not null,
    primary key (person_id, statement_id)
);

-- A refused attempt moves no money and hangs on no chain; its holder sees it all the same.
create index settlement_refused on settlement (person_id, at) where kind = 4;

do $$
declare
    fact text;
begin
    foreach fact in array array['dispute', 'dispute_answer', 'statement_issue'] loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on dispute, dispute_answer, statement_issue to minka_desk;
    end if;
end
$$;
