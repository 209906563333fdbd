-- The register: people, cards, facts about them, and what must reach other organisations.
-- Every key of a table about a person holds person_id, so that the register can be split by person.
-- Facts are appended, never edited: the desk's role may not update or delete them.

create table person (
    person_id     bigint      not null primary key,
    region        text        not null,
    number_index  bytea       not null,
    number_sealed bytea       not null,
    number_mask   text        not null,
    name_sealed   bytea       not null,
    name_index    bytea       not null,
    name_mask     text        not null,
    phone_sealed  bytea,
    phone_mask    text,
    member_number text,
    employer_id   text,
    guardian_id   bigint,
    born_on       date,
    photo_code    text,
    state         text        not null default 'insured',
    registered_at timestamptz not null
);
create index person_name on person (region, name_index);
create index person_employer on person (employer_id) where employer_id is not null;

-- What must be unique across people lives in registries of its own.
create table person_registry (
    number_index bytea  not null primary key,
    person_id    bigint not null
);
create sequence person_id_seq as bigint;
create sequence card_id_seq as bigint;
create sequence fact_id_seq as bigint;

-- The card row is the lock and the clock of everything about that card.
create table card (
    person_id   bigint      not null references person,
    card_id     bigint      not null,
    kind        text        not null,
    region      text        not null,
    card_number text        not null,
    bank_id     text,
    pan_mask    text,
    status      text        not null,
    last_at     timestamptz not null,
    replaces_id bigint,
    made_at     timestamptz,
    expires_on  date,
    primary key (person_id, card_id),
    check (status in ('ordered', 'made', 'ready', 'sealed', 'active', 'cancelled', 'destroyed'))
) with (fillfactor = 70);
create unique index card_one_active on card (person_id, kind) where status = 'active';
create unique index card_one_successor on card (person_id, replaces_id)
    where replaces_id is not null and status <> 'destroyed';

create table card_registry (
    card_number text   not null primary key,
    person_id   bigint not null,
    card_id     bigint not null
);

create table card_move (
    person_id bigint      not null,
    card_id   bigint      not null,
    seq       integer     not null,
    at        timestamptz not null,
    move      text        not null,
    status    text        not null,
    cause     text        not null,
    primary key (person_id, card_id, seq),
    foreign key (person_id, card_id) references card
);

-- An interval in which the card is stopped. A formal loss has no end and can be given none.
create table block (
    person_id     bigint      not null,
    block_id      bigint      not null,
    card_id       bigint      not null,
    force         text        not null check (force in ('provisional', 'formal', 'frozen')),
    from_at       timestamptz not null,
    until_at      timestamptz,
    bank_until_at timestamptz,
    at_lapse      text        not null check (at_lapse in ('release', 'cancel', 'none')),
    cause         text        not null,
    primary key (person_id, block_id),
    unique (person_id, block_id, force),
    foreign key (person_id, card_id) references card,
    check (until_at is null or until_at > from_at),
    check (force <> 'formal' or (until_at is null and bank_until_at is null)),
    check ((until_at is null) = (at_lapse = 'none'))
);
create index block_card on block (person_id, card_id, from_at);
create index block_lapse on block (until_at) where until_at is not null;

create table block_end (
    person_id bigint      not null,
    block_id  bigint      not null,
    force     text        not null check (force <> 'formal'),
    at        timestamptz not null,
    how       text        not null check (how in ('withdrawn', 'unfrozen', 'superseded')),
    cause     text        not null,
    primary key (person_id, block_id),
    foreign key (person_id, block_id, force) references block (person_id, block_id, force)
);

-- Each side says for itself when it stopped or resumed; until it has, it is pending.
create table stop_confirmation (
    person_id bigint      not null,
    block_id  bigint      not null,
    side      text        not null check (side in ('social', 'bank')),
    effect    text        not null check (effect in ('stop', 'resume')),
    at        timestamptz not null,
    reference text        not null default '',
    primary key (person_id, block_id, side, effect)
);

create table loss_report (
    person_id     bigint      not null,
    report_id     bigint      not null,
    card_id       bigint      not null,
    receipt       text        not null,
    channel       text        not null,
    form          text        not null,
    force         text        not null,
    reason        text        not null,
    actor         text        not null,
    place_id      text,
    operator      text        not null default '',
    accepted_at   timestamptz not null,
    rule_ref      text        not null,
    details       jsonb       not null,
    primary key (person_id, report_id),
    foreign key (person_id, card_id) references card
);
create index loss_report_card on loss_report (person_id, card_id, accepted_at);

-- A report takes effect when it is confirmed; where the rule asks no staff, in the same act.
create table loss_confirmation (
    person_id    bigint      not null,
    report_id    bigint      not null,
    block_id     bigint      not null,
    confirmed_at timestamptz not null,
    confirmed_by text        not null,
    stops_by     timestamptz,
    primary key (person_id, report_id),
    unique (person_id, block_id),
    foreign key (person_id, report_id) references loss_report,
    foreign key (person_id, block_id) references block
);

create table loss_withdrawal (
    person_id    bigint      not null,
    report_id    bigint      not null,
    block_id     bigint      not null,
    withdrawn_at timestamptz not null,
    resumes_by   timestamptz,
    channel      text        not null,
    place_id     text,
    operator     text        not null,
    rule_ref     text        not null,
    details      jsonb       not null,
    primary key (person_id, report_id),
    foreign key (person_id, report_id) references loss_report,
    foreign key (person_id, block_id) references block_end
);

-- Attempts that did not become a report: for throttling and for flagging malice.
create table loss_attempt (
    person_id  bigint      not null,
    attempt_id bigint      not null,
    at         timestamptz not null,
    channel    text        not null,
    caller     bytea       not null,
    refusal    text        not null,
    primary key (person_id, attempt_id)
);
create index loss_attempt_recent on loss_attempt (person_id, at);
create index loss_attempt_caller on loss_attempt (caller, at);

create table receipt (
    code      text   not null primary key,
    person_id bigint not null,
    kind      text   not null,
    fact_id   bigint not null
);

create table application (
    person_id      bigint      not null,
    application_id bigint      not null,
    receipt        text        not null,
    slip           text        not null,
    old_card_id    bigint,
    new_card_id    bigint      not null,
    reason         text        not null,
    region         text        not null,
    channel        text        not null,
    place_id       text        not null,
    collect_at     text        not null,
    actor          text        not null,
    operator       text        not null,
    accepted_at    timestamptz not null,
    promised_at    timestamptz,
    promise        text        not null check (promise in ('firm', 'provisional', 'none')),
    fee_fen        bigint      not null check (fee_fen >= 0),
    rule_ref       text        not null,
    details        jsonb       not null,
    primary key (person_id, application_id),
    foreign key (person_id, new_card_id) references card
);
create unique index application_new_card on application (person_id, new_card_id);

create table application_step (
    person_id      bigint      not null,
    application_id bigint      not null,
    seq            integer     not null,
    at             timestamptz not null,
    step           text        not null,
    operator       text        not null,
    details        jsonb       not null,
    primary key (person_id, application_id, seq),
    foreign key (person_id, application_id) references application
);
create index application_step_at on application_step (step, at);

-- A promise moves only when a holiday notice is loaded; the first one stays on record.
create table promise_change (
    person_id      bigint      not null,
    application_id bigint      not null,
    seq            integer     not null,
    at             timestamptz not null,
    promised_at    timestamptz not null,
    promise        text        not null,
    primary key (person_id, application_id, seq),
    foreign key (person_id, application_id) references application
);

create table slip_redemption (
    person_id      bigint      not null,
    application_id bigint      not null,
    at             timestamptz not null,
    operator       text        not null,
    details        jsonb       not null,
    primary key (person_id, application_id),
    foreign key (person_id, application_id) references application
);

create table fee (
    person_id      bigint      not null,
    application_id bigint      not null,
    entry          text        not null check (entry in ('charge', 'waiver', 'refund')),
    amount_fen     bigint      not null check (amount_fen >= 0),
    at             timestamptz not null,
    means          text        not null,
    receipt        text        not null,
    operator       text        not null,
    reason         text        not null default '',
    primary key (person_id, application_id, entry),
    foreign key (person_id, application_id) references application
);

-- Papers that another office issues and this one can verify by number, each of use once.
create table document (
    person_id   bigint      not null,
    document_id bigint      not null,
    code        text        not null,
    kind        text        not null,
    card_id     bigint,
    issued_by   text        not null,
    issued_at   timestamptz not null,
    details     jsonb       not null,
    primary key (person_id, document_id)
);
create table document_stamp (
    person_id   bigint      not null,
    document_id bigint      not null,
    stamped_by  text        not null,
    stamped_at  timestamptz not null,
    operator    text        not null,
    primary key (person_id, document_id),
    foreign key (person_id, document_id) references document
);
create table document_use (
    person_id   bigint      not null,
    document_id bigint      not null,
    used_for    text        not null,
    used_at     timestamptz not null,
    primary key (person_id, document_id),
    foreign key (person_id, document_id) references document
);

create table card_use (
    person_id   bigint      not null,
    use_id      bigint      not null,
    card_id     bigint      not null,
    auth_at     timestamptz not null,
    amount_fen  bigint      not null check (amount_fen > 0),
    provider_id text        not null,
    primary key (person_id, use_id),
    foreign key (person_id, card_id) references card
);
create index card_use_card on card_use (person_id, card_id, auth_at);

create table card_refusal (
    person_id   bigint      not null,
    use_id      bigint      not null,
    card_id     bigint      not null,
    at          timestamptz not null,
    standing    text        not null,
    provider_id text        not null,
    primary key (person_id, use_id)
);

create table request (
    request_key  text        not null primary key,
    person_id    bigint      not null,
    origin       text        not null,
    act          text        not null,
    content_hash bytea       not null,
    at           timestamptz not null,
    answer       jsonb       not null
);

create table audit_event (
    person_id bigint      not null,
    event_id  bigint      not null,
    at        timestamptz not null,
    act       text        not null,
    actor     text        not null,
    content   jsonb       not null,
    hash      bytea       not null,
    primary key (event_id, person_id)
);
create index audit_event_person on audit_event (person_id, at);

create table outbox (
    outbox_id  bigint      not null,
    person_id  bigint      not null,
    card_id    bigint      not null,
    topic      text        not null,
    body       jsonb       not null,
    created_at timestamptz not null,
    primary key (outbox_id, person_id)
);
-- How far a message has got: the one mutable table of the outbox.
create table outbox_state (
    outbox_id      bigint      not null,
    person_id      bigint      not null,
    card_id        bigint      not null,
    topic          text        not null,
    tries          integer     not null default 0,
    next_at        timestamptz not null,
    done_at        timestamptz,
    quarantined_at timestamptz,
    last_fault     text        not null default '',
    primary key (outbox_id, person_id)
);
create index outbox_waiting on outbox_state (next_at, outbox_id)
    where done_at is null and quarantined_at is null;
create index outbox_order on outbox_state (person_id, card_id, topic, outbox_id)
    where done_at is null and quarantined_at is null;

create table hotlist_change (
    region      text        not null,
    version     bigint      not null,
    card_number text        not null,
    entry       text        not null check (entry in ('add', 'remove')),
    until_at    timestamptz,
    at          timestamptz not null,
    outbox_id   bigint      not null,
    primary key (region, version),
    unique (outbox_id)
);

-- A two-person act is a row: one content, two different people's signatures over its hash.
create table two_person_act (
    act_id       bigint      not null primary key,
    act          text        not null,
    content      jsonb       not null,
    content_hash bytea       not null,
    beneficiary  text        not null default '',
    proposed_at  timestamptz not null,
    expires_at   timestamptz not null,
    unique (act_id, content_hash)
);
create table two_person_signature (
    act_id       bigint      not null,
    part         text        not null check (part in ('propose', 'approve')),
    signer       text        not null,
    content_hash bytea       not null,
    beneficiary  text        not null default '',
    signed_at    timestamptz not null,
    primary key (act_id, part),
    unique (act_id, signer),
    check (signer <> beneficiary),
    foreign key (act_id, content_hash) references two_person_act (act_id, content_hash)
);

create table queue_ticket (
    place_id  text        not null,
    day       date        not null,
    number    integer     not null,
    business  text        not null,
    person_id bigint      not null default 0,
    issued_at timestamptz not null,
    called_at timestamptz,
    primary key (place_id, day, number)
);

create table holiday_notice (
    day       date        not null primary key,
    kind      text        not null check (kind in ('off', 'extra')),
    loaded_at timestamptz not null,
    loaded_by text        not null
);

-- Where trusted time stood when it was last written down, so that a restart can be compared with it.
create table time_mark (
    one     boolean     not null primary key default true check (one),
    at      timestamptz not null,
    boot_id text        not null,
    boot_ns bigint      not null
);
-- The bench's turned clock. It stays at zero in a real city.
create table clock_shift (
    one   boolean  not null primary key default true check (one),
    shift interval not null default interval '0'
);
insert into clock_shift default values;
