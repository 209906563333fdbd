-- The chip in the city's use: what the file says beside it, what was read, what is to be written,
-- the devices that meet cards, and purchases that were made where no line was.

-- A fact on file that the card carries too; the newest of an item counts. item: file and tag.
-- value: its plain text, sealed. true_on: the day on which it was true.
create table chip_fact (
    person_id bigint      not null references person,
    fact_id   bigint      not null,
    item      text        not null check (item ~ '^(SSSE|DF0[1-7])EF[0-9A-F]{2}\.([0-9A-F]{2}|-)$'),
    nth       smallint    not null check (nth > 0),
    value     bytea       not null,
    true_on   date        not null,
    at        timestamptz not null,
    origin    text        not null,
    operator  text        not null,
    role      text        not null,
    primary key (person_id, fact_id)
);
create index chip_fact_item on chip_fact (person_id, item, nth, at, fact_id);

-- The chip inside a card of the register, known from the day its keys were first proven.
create table chip (
    person_id bigint      not null,
    card_id   bigint      not null,
    id_code   bytea       not null check (length(id_code) = 16),
    factor    bytea       not null check (length(factor) = 8),
    version   text        not null,
    algorithm smallint    not null check (algorithm in (1, 2, 3)),
    met_at    timestamptz not null,
    operator  text        not null,
    primary key (person_id, card_id),
    foreign key (person_id, card_id) references card
);
create table chip_registry (
    id_code   bytea  not null primary key,
    person_id bigint not null,
    card_id   bigint not null
);

-- One reading of a card at a terminal. content: every field that was read, sealed.
create table chip_reading (
    person_id  bigint      not null,
    reading_id bigint      not null,
    card_id    bigint      not null,
    at         timestamptz not null,
    terminal   text        not null,
    place_id   text        not null,
    origin     text        not null,
    operator   text        not null,
    proof      text        not null check (proof in ('proved', 'unproved')),
    content    bytea       not null,
    digest     bytea       not null,
    primary key (person_id, reading_id),
    foreign key (person_id, card_id) references card
);
create index chip_reading_card on chip_reading (person_id, card_id, at);

-- The reading of a finished card before it is handed over, held against what was printed (C1).
create table chip_check (
    person_id  bigint      not null,
    check_id   bigint      not null,
    card_id    bigint      not null,
    reading_id bigint      not null,
    at         timestamptz not null,
    verdict    text        not null check (verdict in ('equal', 'differs')),
    differing  text[]      not null,
    operator   text        not null,
    primary key (person_id, check_id),
    foreign key (person_id, reading_id) references chip_reading,
    check ((verdict = 'equal') = (cardinality(differing) = 0))
);

-- What is to be written on a card at its next authorised contact.
-- value: the bytes in hexadecimal, sealed; value_index: equal exactly when the bytes are.
create table chip_write (
    person_id   bigint      not null,
    write_id    bigint      not null,
    card_id     bigint      not null,
    item        text        not null,
    nth         smallint    not null,
    how         text        not null check (how in ('set', 'append')),
    value       bytea       not null,
    value_index bytea       not null,
    fact_id     bigint      not null,
    since_at    timestamptz not null,
    cause       text        not null,
    primary key (person_id, write_id),
    foreign key (person_id, card_id) references card,
    foreign key (person_id, fact_id) references chip_fact
);
create index chip_write_card on chip_write (person_id, card_id);

-- What became of it, step by step. turn counts the steps of a card: only the last may be repaired.
create table chip_write_step (
    person_id    bigint      not null,
    card_id      bigint      not null,
    turn         bigint      not null check (turn > 0),
    write_id     bigint      not null,
    step         text        not null check (step in ('begun', 'done', 'failed', 'repaired',
        'review', 'dropped')),
    at           timestamptz not null,
    before_index bytea,
    found_index  bytea,
    terminal     text        not null,
    operator     text        not null,
    reason       text        not null,
    primary key (person_id, card_id, turn),
    foreign key (person_id, write_id) references chip_write,
    check ((step = 'begun') <= (before_index is not null)),
    check ((step in ('done', 'repaired')) <= (found_index is not null))
);
create unique index chip_write_ended on chip_write_step (person_id, write_id)
    where step in ('done', 'repaired', 'dropped');

-- What a terminal did to a stopped card when it met it.
create table chip_stamp (
    person_id bigint      not null,
    stamp_id  bigint      not null,
    card_id   bigint      not null,
    at        timestamptz not null,
    standing  text        not null,
    told      text        not null check (told in ('refuse', 'block_application')),
    result    text        not null check (result in ('refused', 'blocked', 'was_blocked', 'failed')),
    terminal  text        not null,
    operator  text        not null,
    primary key (person_id, stamp_id),
    foreign key (person_id, card_id) references card
);

-- Registered devices: readers, card terminals, kiosks and PSAM cards (X30).
create table device (
    device_no   text        not null primary key check (device_no ~ '^[0-9A-Za-z-]{1,32}$'),
    kind        text        not null check (kind in ('reader', 'pos', 'kiosk', 'psam')),
    region      text        not null,
    provider_no integer     references provider,
    added_at    timestamptz not null
);
create table device_step (
    device_no text        not null references device,
    turn      integer     not null check (turn > 0),
    at        timestamptz not null,
    state     text        not null check (state in ('stored', 'in_use', 'stopped', 'lost', 'ended')),
    place_id  text        not null,
    owner     text        not null,
    version   text        not null,
    key_set   text        not null,
    operator  text        not null,
    reason    text        not null,
    primary key (device_no, turn)
);
-- The stop list as it reached a terminal: version, and the terminal's proof that it holds it (X31).
create table list_delivery (
    device_no text        not null references device,
    region    text        not null,
    version   bigint      not null,
    at        timestamptz not null,
    proof     bytea       not null,
    primary key (device_no, region, version)
);

-- Purchases that a terminal made without a line, as it brought them in.
create table offline_upload (
    upload_id bigint      not null primary key,
    device_no text        not null,
    batch_no  text        not null,
    at        timestamptz not null,
    digest    bytea       not null,
    records   integer     not null,
    operator  text        not null,
    unique (device_no, batch_no)
);
-- person_id 0 and card_id 0: nobody's card. Each ends in exactly one outcome (P8).
create table offline_purchase (
    person_id    bigint      not null,
    purchase_id  bigint      not null,
    card_id      bigint      not null,
    id_code      bytea       not null,
    card_seq     integer     not null,
    device_no    text        not null,
    terminal_seq bigint      not null,
    account_fen  bigint      not null,
    self_fen     bigint      not null,
    pooled_fen   bigint      not null,
    claimed_at   timestamptz not null,
    list_version bigint      not null,
    list_at      timestamptz not null,
    synced_at    timestamptz not null,
    tac          bytea       not null,
    content_hash bytea       not null,
    upload_id    bigint      not null references offline_upload,
    line         integer     not null,
    at           timestamptz not null,
    outcome      text        not null check (outcome in ('posted', 'disputed', 'rejected')),
    reason       text        not null,
    entry_no     bigint,
    rule_ref     text        not null,
    primary key (person_id, purchase_id),
    unique (upload_id, line, person_id),
    check ((outcome = 'posted') = (entry_no is not null)),
    check ((outcome = 'posted') = (reason = '')),
    foreign key (entry_no, person_id) references ledger_entry (entry_no, person_id)
);
-- One counter of one card pays once, whatever a terminal brings in (T10).
create unique index offline_counter on offline_purchase (person_id, card_id, card_seq)
    where outcome = 'posted';
create unique index offline_content on offline_purchase (content_hash, person_id);
create index offline_card on offline_purchase (person_id, card_id, card_seq);

-- What somebody must look into, by whom and until when.
create table offline_case (
    person_id   bigint      not null,
    case_id     bigint      not null,
    purchase_id bigint      not null,
    card_id     bigint      not null,
    region      text        not null,
    kind        text        not null,
    owner       text        not null,
    opened_at   timestamptz not null,
    due_at      timestamptz not null,
    facts       jsonb       not null,
    primary key (person_id, case_id),
    foreign key (person_id, purchase_id) references offline_purchase
);
create index offline_case_due on offline_case (region, due_at);
create table offline_case_end (
    person_id bigint      not null,
    case_id   bigint      not null,
    at        timestamptz not null,
    verdict   text        not null check (verdict in ('paid', 'refused', 'explained')),
    entry_no  bigint,
    reason    text        not null,
    operator  text        not null,
    primary key (person_id, case_id),
    foreign key (person_id, case_id) references offline_case,
    check ((verdict = 'paid') = (entry_no is not null))
);

do $$
declare
    fact text;
    facts text[] := array['chip_fact', 'chip', 'chip_registry', 'chip_reading', 'chip_check',
        'chip_write', 'chip_write_step', 'chip_stamp', 'device', 'device_step', 'list_delivery',
        'offline_upload', 'offline_purchase', 'offline_case', 'offline_case_end'];
begin
    foreach fact in array facts loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
        if exists (select from pg_roles where rolname = 'minka_desk') then
            execute format('grant select, insert on %I to minka_desk', fact);
        end if;
    end loop;
end
$$;
