-- The one expense of a loss period, paid back once; signs that a card is lent, and what follows.

-- A claim for one expense of a loss case; case_id is the number of the fact that opened the case.
create table claim (
    person_id   bigint      not null references person,
    claim_id    bigint      not null,
    case_id     bigint      not null,
    card_id     bigint      not null,
    receipt     text        not null,
    provider_no integer     not null references provider,
    invoice_no  text        not null check (invoice_no <> ''),
    visit_no    bigint      not null,
    paid_on     date        not null,
    treated_on  date        not null,
    paid_at     timestamptz,
    total_fen   bigint      not null check (total_fen > 0),
    source      text        not null check (source in ('record', 'refused', 'stated')),
    basis       smallint    not null check (basis between 1 and 4),
    channel     text        not null,
    operator    text        not null,
    accepted_at timestamptz not null,
    rule_ref    text        not null,
    details     jsonb       not null,
    primary key (person_id, claim_id),
    unique (person_id, claim_id, case_id)
);
create index claim_case on claim (person_id, case_id);
create index claim_waiting on claim (accepted_at);

-- What staff found in the papers: the lines of the invoice, and what the funds would pay.
create table claim_review (
    person_id   bigint      not null,
    claim_id    bigint      not null,
    seq         integer     not null check (seq > 0),
    at          timestamptz not null,
    operator    text        not null,
    lines       jsonb       not null,
    own_pay     bigint      not null check (own_pay >= 0),
    over_limit  bigint      not null check (over_limit >= 0),
    self_first  bigint      not null check (self_first >= 0),
    in_scope    bigint      not null check (in_scope >= 0),
    fund_fen    bigint      not null check (fund_fen > 0),
    rule_ref    text        not null,
    primary key (person_id, claim_id, seq),
    foreign key (person_id, claim_id) references claim
);

-- The end of a claim without payment.
create table claim_end (
    person_id bigint      not null,
    claim_id  bigint      not null,
    at        timestamptz not null,
    how       text        not null check (how in ('refused', 'withdrawn', 'superseded')),
    reason    text        not null,
    operator  text        not null,
    primary key (person_id, claim_id),
    foreign key (person_id, claim_id) references claim
);

-- One payment for one loss case: the primary key is the rule (safety P19).
create table claim_payment (
    person_id bigint      not null,
    case_id   bigint      not null,
    claim_id  bigint      not null,
    receipt   text        not null,
    at        timestamptz not null,
    fund_fen  bigint      not null check (fund_fen > 0),
    entry_no  bigint      not null,
    act_id    bigint,
    operator  text        not null,
    trace     jsonb       not null,
    primary key (person_id, case_id),
    unique (person_id, claim_id),
    foreign key (person_id, claim_id, case_id) references claim (person_id, claim_id, case_id),
    foreign key (entry_no, person_id) references ledger_entry (entry_no, person_id)
);
-- An invoice is paid back once, whoever brings it.
create table claim_invoice (
    provider_no integer not null,
    invoice_no  text    not null,
    person_id   bigint  not null,
    claim_id    bigint  not null,
    primary key (provider_no, invoice_no)
);
-- An expense of the case that became known after the payment; the payment stands.
create table claim_note (
    person_id   bigint      not null,
    case_id     bigint      not null,
    expense_key text        not null,
    at          timestamptz not null,
    spent_on    date        not null,
    provider_no integer     not null,
    total_fen   bigint      not null,
    primary key (person_id, case_id, expense_key),
    foreign key (person_id, case_id) references claim_payment
);
-- Whether a settlement stands: nothing undid it, or what undid it was itself reversed.
create function settlement_lives(p_msg bigint, p_origin integer, p_person bigint)
returns boolean language sql stable as $$
    select not exists (
        select from settlement u
        where u.of_msg_no = p_msg and u.of_origin_no = p_origin and u.person_id = p_person
          and not exists (
            select from settlement r
            where r.of_msg_no = u.msg_no and r.of_origin_no = u.origin_no
              and r.person_id = u.person_id))
$$;
create index visit_person on visit (person_id, begun_at);

-- How far the journal of settlements has been looked at for signs that a card is lent.
create table lending_watermark (
    one     boolean     not null primary key default true check (one),
    at      timestamptz not null,
    read_at timestamptz not null
);
insert into lending_watermark values (true, '-infinity', '-infinity');

-- A sign, raised once; person_id 0 is a till, whose holders stand in the facts.
create table lending_sign (
    person_id   bigint      not null,
    sign_id     bigint      not null,
    kind        text        not null check (kind in
        ('two_places', 'many_patients', 'velocity', 'night', 'many_cards')),
    sign_key    text        not null,
    receipt     text        not null,
    provider_no integer     not null,
    card_id     bigint      not null,
    region      text        not null,
    from_at     timestamptz not null,
    until_at    timestamptz not null check (until_at >= from_at),
    raised_at   timestamptz not null,
    rule_ref    text        not null,
    facts       jsonb       not null,
    primary key (person_id, sign_id),
    unique (person_id, sign_key)
);
create unique index lending_sign_receipt on lending_sign (receipt, person_id);
create index lending_sign_region on lending_sign (region, raised_at);
create table lending_verdict (
    person_id bigint      not null,
    sign_id   bigint      not null,
    at        timestamptz not null,
    verdict   text        not null check (verdict in ('confirmed', 'dismissed')),
    reason    text        not null check (reason <> ''),
    operator  text        not null,
    primary key (person_id, sign_id),
    foreign key (person_id, sign_id) references lending_sign
);
-- Online settlement of a person stopped for a time, by two people (decree 735, article 41).
create table settlement_suspension (
    person_id     bigint      not null,
    suspension_id bigint      not null,
    sign_id       bigint      not null,
    act_id        bigint      not null,
    from_at       timestamptz not null,
    until_at      timestamptz not null check (until_at > from_at),
    months        integer     not null check (months > 0),
    rule_ref      text        not null,
    reason        text        not null,
    primary key (person_id, suspension_id),
    unique (person_id, sign_id),
    foreign key (person_id, sign_id) references lending_sign,
    foreign key (act_id) references two_person_act
);
create table settlement_suspension_end (
    person_id     bigint      not null,
    suspension_id bigint      not null,
    act_id        bigint      not null references two_person_act,
    at            timestamptz not null,
    reason        text        not null check (reason <> ''),
    primary key (person_id, suspension_id),
    foreign key (person_id, suspension_id) references settlement_suspension
);

-- Until when online settlement of a person is suspended, as the facts say.
create function suspended_by_facts(p_person bigint) returns timestamptz
language sql stable as $$
    select coalesce(max(s.until_at) filter (where e.at is null), '-infinity')
    from settlement_suspension s
    left join settlement_suspension_end e using (person_id, suspension_id)
    where s.person_id = p_person
$$;
-- People whose coverage says otherwise than the facts; none is the only right answer where every
-- suspension was made here.
create view suspension_drift as
    select c.person_id, c.suspended_until, suspended_by_facts(c.person_id) as derived
    from coverage c
    where c.suspended_until <> '-infinity'
      and c.suspended_until <> suspended_by_facts(c.person_id)
    union all
    select c.person_id, c.suspended_until, suspended_by_facts(c.person_id)
    from settlement_suspension s join coverage c using (person_id)
    where c.suspended_until = '-infinity' and suspended_by_facts(c.person_id) <> '-infinity';

do $$
declare
    fact text;
begin
    foreach fact in array array['claim', 'claim_review', 'claim_end', 'claim_payment',
        'claim_invoice', 'claim_note', 'lending_sign', 'lending_verdict', 'settlement_suspension',
        'settlement_suspension_end']
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
        grant select, update on lending_watermark to minka_desk;
        grant select on suspension_drift to minka_desk;
    end if;
end
$$;
