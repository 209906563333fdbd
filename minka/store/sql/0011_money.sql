-- Money: who is covered, where care is given, what was charged, and every movement of a fen.
-- Facts are appended; the one narrow row that moves is coverage, and it can be derived again.

create table pooling_area (
    area     integer not null primary key,
    region   text    not null,
    benefits text    not null,
    overlay  text    not null,
    name     text    not null
);

create table provider (
    provider_no    integer  not null primary key check (provider_no > 0),
    fixmedins_code text     not null unique,
    area           integer  not null references pooling_area,
    kind           text     not null check (kind in ('hospital', 'pharmacy')),
    level          smallint not null check (level between 1 and 3),
    name           text     not null,
    uscc           text     not null default '',
    place_id       text
);

-- A contract by which a provider may settle with a scheme, from a day to a day.
create table designation (
    provider_no integer  not null references provider,
    scheme      smallint not null,
    from_on     date     not null,
    until_on    date     not null default 'infinity',
    primary key (provider_no, scheme, from_on),
    check (until_on > from_on)
);

create table catalogue_item (
    area     integer  not null references pooling_area,
    code     text     not null,
    from_on  date     not null,
    until_on date     not null default 'infinity',
    name     text     not null,
    class    smallint not null check (class between 1 and 3),
    kind     text     not null,
    primary key (area, code, from_on)
);
create table price_limit (
    area     integer  not null references pooling_area,
    code     text     not null,
    level    smallint not null default 0,
    from_on  date     not null,
    until_on date     not null default 'infinity',
    limit_e6 bigint   not null check (limit_e6 > 0),
    primary key (area, code, level, from_on)
);
create table selfpay_ratio (
    area     integer  not null references pooling_area,
    code     text     not null,
    psn_type smallint not null default 0,
    from_on  date     not null,
    until_on date     not null default 'infinity',
    ratio_e4 integer  not null check (ratio_e4 between 0 and 10000),
    primary key (area, code, psn_type, from_on)
);
-- One row that moves whenever reference data of care moves, so that a reader knows to look again.
create table care_version (
    one     boolean not null primary key default true check (one),
    version bigint  not null default 1
);
insert into care_version default values;

-- The narrow row of a person's coverage: lock, clock and version of all money that is the person's.
-- last_at is taken by every act on the person's cards too, so that whoever commits first is first.
create table coverage (
    person_id        bigint      not null primary key references person,
    scheme           smallint    not null,
    psn_type         smallint    not null,
    area             integer     not null references pooling_area,
    civil            smallint    not null default 0,
    covered_from     date        not null,
    covered_until    date        not null default 'infinity',
    suspended_until  timestamptz not null default '-infinity',
    card_id          bigint      not null default 0,
    card_number      text        not null default '',
    open_from        timestamptz not null default 'infinity',
    open_until       timestamptz not null default 'infinity',
    last_at          timestamptz not null,
    balance_fen      bigint      not null default 0 check (balance_fen >= 0),
    held_fen         bigint      not null default 0 check (held_fen >= 0),
    held_until       timestamptz not null default '-infinity',
    year             smallint    not null default 0,
    op_deductible    bigint      not null default 0,
    op_scope         bigint      not null default 0,
    op_fund          bigint      not null default 0,
    admissions       bigint      not null default 0,
    pool_paid        bigint      not null default 0,
    large_paid       bigint      not null default 0,
    own_scope        bigint      not null default 0,
    prev_msg_no      bigint      not null default 0,
    prev_origin_no   integer     not null default 0,
    check (held_fen <= balance_fen)
) with (fillfactor = 70);

create sequence visit_no_seq as bigint;
create sequence fee_no_seq as bigint;
create sequence ledger_no_seq as bigint;

-- What a provider asked that moved no money: one key, one effect, one answer.
create table message (
    msg_no       bigint      not null,
    origin_no    integer     not null,
    person_id    bigint      not null,
    infno        smallint    not null,
    content_hash bytea       not null,
    at           timestamptz not null,
    answer       bytea       not null,
    primary key (msg_no, origin_no, person_id)
);

create table visit (
    visit_no    bigint      not null,
    person_id   bigint      not null references person,
    provider_no integer     not null references provider,
    basis       smallint    not null check (basis between 1 and 4),
    med_type    smallint    not null,
    scheme      smallint    not null,
    credential  smallint    not null check (credential between 1 and 3),
    card_id     bigint      not null,
    ipt_otp_no  text        not null,
    begun_at    timestamptz not null,
    at          timestamptz not null,
    details     jsonb       not null default '{}',
    shown       text        not null default '',
    primary key (visit_no, person_id)
);
create table visit_step (
    visit_no  bigint      not null,
    person_id bigint      not null,
    seq       integer     not null,
    step      text        not null
        check (step in ('cancelled', 'discharged', 'discharge_cancelled', 'reversed', 'changed')),
    at        timestamptz not null,
    details   jsonb       not null default '{}',
    primary key (visit_no, person_id, seq),
    foreign key (visit_no, person_id) references visit
);

-- Lines as uploaded and as split. A deletion or a return is a counter-row with negative amounts.
create table fee_upload (
    visit_no   bigint      not null,
    person_id  bigint      not null,
    fee_no     bigint      not null,
    batch      text        not null,
    at         timestamptz not null,
    served_on  date        not null,
    counters   bigint      not null default 0,
    total      bigint      not null,
    own_pay    bigint      not null,
    over_limit bigint      not null,
    self_first bigint      not null,
    in_scope   bigint      not null,
    lines      jsonb       not null,
    primary key (visit_no, fee_no, person_id),
    foreign key (visit_no, person_id) references visit,
    check (total = own_pay + over_limit + self_first + in_scope)
);

-- Which version of which rule split a bill.
create table benefit_rule (
    rule_no integer not null primary key generated always as identity,
    ref     text    not null unique
);

-- The journal: one immutable row for a settlement, a refund, a reversal, a refusal or a tombstone.
-- The legs are inside it, amounts in fen; the checks keep every row in balance by itself.
create table settlement (
    msg_no         bigint      not null,
    at             timestamptz not null,
    person_id      bigint      not null,
    visit_no       bigint      not null,
    bill_no        bigint      not null,
    fee_upto       bigint      not null,
    card_id        bigint      not null,
    of_msg_no      bigint,
    prev_msg_no    bigint      not null,
    origin_no      integer     not null,
    of_origin_no   integer,
    prev_origin_no integer     not null,
    provider_no    integer     not null,
    area           integer     not null,
    rule_no        integer     not null,
    infno          smallint    not null,
    kind           smallint    not null check (kind between 1 and 5),
    basis          smallint    not null check (basis between 0 and 4),
    scheme         smallint    not null,
    credential     smallint    not null,
    year           smallint    not null,
    round          smallint    not null,
    nth            smallint    not null,
    pooled         smallint    not null,
    admission      smallint    not null,
    total          bigint      not null,
    own_pay        bigint      not null,
    over_limit     bigint      not null,
    self_first     bigint      not null,
    in_scope       bigint      not null,
    deductible     bigint      not null,
    pool           bigint      not null,
    large          bigint      not null,
    serious        bigint      not null,
    civil          bigint      not null,
    enterprise     bigint      not null,
    assistance     bigint      not null,
    other          bigint      not null,
    hospital       bigint      not null,
    account        bigint      not null,
    cash           bigint      not null,
    balance        bigint      not null,
    reason         text        not null,
    trace          bytea       not null,
    content_hash   bytea       not null,
    primary key (msg_no, origin_no, person_id),
    check (total = own_pay + over_limit + self_first + in_scope),
    check (total = pool + large + serious + civil + enterprise + assistance + other + hospital
        + account + cash),
    check (balance >= 0),
    check (kind < 4 or total = 0),
    check ((kind in (2, 3)) = (of_msg_no is not null))
);
-- A bill is settled once; after a refund it may be settled again, in the next round.
create unique index settlement_bill
    on settlement (visit_no, bill_no, round, kind, nth, person_id) where visit_no > 0 and kind < 4;
-- A settlement or refund is undone once; undone again only after that undoing was itself reversed.
create unique index settlement_undone on settlement (of_msg_no, of_origin_no, nth, person_id)
    where of_msg_no is not null;

-- Every other movement. The legs sum to zero; a positive amount is owed to the account's owner.
create table ledger_entry (
    entry_no       bigint      not null,
    person_id      bigint      not null,
    at             timestamptz not null,
    kind           text        not null,
    of_entry_no    bigint,
    request_key    text        not null,
    kinds          smallint[]  not null,
    owners         bigint[]    not null,
    amounts        bigint[]    not null,
    balance        bigint      not null,
    prev_msg_no    bigint      not null,
    prev_origin_no integer     not null,
    actor          text        not null,
    details        jsonb       not null,
    primary key (entry_no, person_id),
    unique (request_key, person_id),
    check (cardinality(kinds) = cardinality(owners) and cardinality(kinds) = cardinality(amounts))
);
create index ledger_entry_person on ledger_entry (person_id, at) where person_id > 0;
create unique index ledger_entry_undone on ledger_entry (of_entry_no, person_id)
    where of_entry_no is not null;
create function sums_to_zero(amounts bigint[]) returns boolean
language sql immutable strict as $$ select coalesce(sum(a), 0) = 0 from unnest(amounts) a $$;
alter table ledger_entry add check (sums_to_zero(amounts));

-- The kinds of account, and what each may do.
create table account_kind (
    kind  smallint not null primary key,
    name  text     not null unique,
    floor bigint
);
insert into account_kind values
    (1, 'individual', 0), (2, 'pooling_fund', null), (3, 'large_fund', null),
    (4, 'serious_fund', null), (5, 'civil_fund', null), (6, 'enterprise_fund', null),
    (7, 'assistance_fund', null), (8, 'other_fund', null), (9, 'provider_payable', null),
    (10, 'cash_control', null), (11, 'provider_collected', null), (12, 'suspense', null),
    (13, 'fee_income', null), (14, 'treasury', null), (15, 'held', 0);

-- Every leg of every movement: the double entry that the journal holds.
create view posting as
    select s.msg_no, s.origin_no, s.person_id, s.at, leg.kind, leg.owner, leg.amount
    from settlement s cross join lateral (values
        (1, s.person_id, -s.account),
        (2, s.area::bigint * 1000 + s.scheme, -s.pool),
        (3, s.area::bigint * 1000 + s.scheme, -s.large),
        (4, s.area::bigint * 1000 + s.scheme, -s.serious),
        (5, s.area::bigint * 1000 + s.scheme, -s.civil),
        (6, s.area::bigint * 1000 + s.scheme, -s.enterprise),
        (7, s.area::bigint * 1000 + s.scheme, -s.assistance),
        (8, s.area::bigint * 1000 + s.scheme, -s.other),
        (9, s.provider_no::bigint, s.account + s.pool + s.large + s.serious + s.civil
            + s.enterprise + s.assistance + s.other),
        (10, s.provider_no::bigint, -s.cash),
        (11, s.provider_no::bigint, s.cash)
    ) leg (kind, owner, amount)
    where s.kind < 4 and leg.amount <> 0
    union all
    select e.entry_no, 0, e.person_id, e.at, leg.kind, leg.owner, leg.amount
    from ledger_entry e cross join lateral unnest(e.kinds, e.owners, e.amounts)
        leg (kind, owner, amount)
    where leg.amount <> 0;

-- A balance that was true at an instant, written into the books so that it can be checked for ever.
create table account_assertion (
    kind    smallint    not null references account_kind,
    owner   bigint      not null,
    at      timestamptz not null,
    balance bigint      not null,
    primary key (kind, owner, at)
);

-- Tokens of electronic credentials, kept as keyed indexes, each for a person and a time.
create table e_credential (
    token_index bytea       not null primary key,
    person_id   bigint      not null references person,
    until_at    timestamptz not null
);

create table insurance_client (
    origin_no   integer not null primary key references provider (provider_no),
    paasid      text    not null unique,
    secret      bytea   not null,
    public_key  bytea,
    card_point  text    not null default '',
    active      boolean not null default true
);
create table insurance_session (
    sign_no    text        not null primary key,
    origin_no  integer     not null references provider (provider_no),
    opter_no   text        not null,
    method     text        not null check (method in ('SM3', 'SM4', 'SM2')),
    session    bytea       not null,
    at         timestamptz not null,
    ends_at    timestamptz not null
);
create table insurance_session_end (
    sign_no text        not null primary key references insurance_session,
    at      timestamptz not null
);

-- When the card of a person may settle, from an instant on, as its facts say.
create function card_span(p_person bigint, p_card bigint, p_at timestamptz,
    out open_from timestamptz, out open_until timestamptz)
language sql stable as $$
    select case
            when c.status <> 'active' or bool_or(b.force = 'formal')
                or bool_or(b.at_lapse = 'cancel' and (e.at is null or e.at > b.until_at))
                then 'infinity'
            else coalesce(max(coalesce(b.until_at, 'infinity')) filter (where b.block_id is not null
                and e.at is null and (b.until_at is null or b.until_at > p_at)), '-infinity')
        end,
        coalesce(c.expires_on::timestamp at time zone 'Asia/Shanghai', 'infinity')
    from card c
    left join block b on b.person_id = c.person_id and b.card_id = c.card_id
    left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
    where c.person_id = p_person and c.card_id = p_card
    group by c.status, c.expires_on
$$;

-- Bring the coverage of a person up to what the facts of the person's cards say.
create function coverage_follow(p_person bigint) returns void language plpgsql as $$
declare
    held record;
    span record;
begin
    if not exists (select from coverage where person_id = p_person) then
        return;
    end if;
    select card_id, card_number, last_at into held from card
    where person_id = p_person and status = 'active' order by card_id desc limit 1;
    if found then
        span := card_span(p_person, held.card_id, held.last_at);
        update coverage set card_id = held.card_id, card_number = held.card_number,
            open_from = span.open_from, open_until = span.open_until,
            last_at = greatest(last_at + interval '1 microsecond', held.last_at)
        where person_id = p_person;
    else
        update coverage set card_id = 0, card_number = '', open_from = 'infinity',
            open_until = 'infinity', last_at = last_at + interval '1 microsecond'
        where person_id = p_person;
    end if;
end
$$;
create function coverage_follows() returns trigger language plpgsql as $$
begin
    perform coverage_follow(new.person_id);
    return null;
end
$$;
create trigger coverage_follows after insert on block
    for each row execute function coverage_follows();
create trigger coverage_follows after insert on block_end
    for each row execute function coverage_follows();
create trigger coverage_follows_new after insert on card
    for each row when (new.status = 'active') execute function coverage_follows();
create trigger coverage_follows after update of status, card_number, expires_on on card
    for each row execute function coverage_follows();

-- Locks the person's coverage, then the card, and takes the next instant of both clocks.
create or replace function card_tick(
    p_person bigint, p_card bigint, p_fence timestamptz default null)
returns timestamptz language plpgsql volatile as $$
declare
    money timestamptz;
    taken timestamptz;
begin
    update coverage
    set last_at = greatest(register_now(p_fence), last_at + interval '1 microsecond')
    where person_id = p_person returning last_at into money;
    update card
    set last_at = greatest(register_now(p_fence), last_at + interval '1 microsecond', money)
    where person_id = p_person and card_id = p_card returning last_at into taken;
    if taken > money then
        update coverage set last_at = taken where person_id = p_person;
    end if;
    return taken;
end
$$;

do $$
declare
    fact text;
begin
    foreach fact in array array['designation', 'message', 'visit', 'visit_step', 'fee_upload',
        'settlement', 'ledger_entry', 'account_assertion', 'insurance_session',
        'insurance_session_end', 'benefit_rule']
    loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on all tables in schema public to minka_desk;
        grant usage on all sequences in schema public to minka_desk;
        grant update on coverage, care_version, insurance_client to minka_desk;
    end if;
end
$$;
