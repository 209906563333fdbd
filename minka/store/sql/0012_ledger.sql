-- The books: walking an account backwards, holds that always end, one allocation a month.

-- The movements of a person's account, newest first, by the link from row to previous row.
-- It passes over what is not before p_until, gives at most p_most rows, and stops before p_since.
create function account_walk(
    p_person bigint, p_since timestamptz, p_until timestamptz, p_most integer)
returns table (
    msg_no bigint, origin_no integer, at timestamptz, kind text, amount bigint, balance bigint,
    provider_no integer, card_id bigint, total bigint, fund bigint, account bigint, cash bigint,
    details jsonb)
language sql stable as $$
    with recursive walk as (
        select 0 as depth, 0 as taken, null::bigint as msg_no, null::integer as origin_no,
            'infinity'::timestamptz as at, null::text as kind, 0::bigint as amount,
            0::bigint as balance, 0 as provider_no, 0::bigint as card_id, 0::bigint as total,
            0::bigint as fund, 0::bigint as account, 0::bigint as cash, null::jsonb as details,
            c.prev_msg_no, c.prev_origin_no
        from coverage c where c.person_id = p_person
        union all
        select w.depth + 1, w.taken + (n.at < p_until)::integer, w.prev_msg_no, w.prev_origin_no,
            n.at, n.kind, n.amount, n.balance, n.provider_no, n.card_id, n.total,
            n.fund, n.account, n.cash, n.details, n.prev_msg_no, n.prev_origin_no
        from walk w cross join lateral (
            select s.at,
                case when s.kind = 1 and s.visit_no = 0 then 'purchase'
                    else (array['settlement', 'refund', 'reversal', 'refusal', 'tombstone'])[s.kind]
                end as kind,
                -s.account as amount, s.balance, s.provider_no, s.card_id, s.total,
                s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other
                    as fund,
                s.account, s.cash, '{}'::jsonb as details, s.prev_msg_no, s.prev_origin_no
            from settlement s
            where w.prev_origin_no <> 0 and s.msg_no = w.prev_msg_no
                and s.origin_no = w.prev_origin_no and s.person_id = p_person
            union all
            select e.at, e.kind,
                coalesce((select sum(leg.amount) from unnest(e.kinds, e.owners, e.amounts)
                    leg (kind, owner, amount)
                    where leg.kind = 1 and leg.owner = p_person), 0)::bigint,
                e.balance, coalesce((e.details ->> 'provider_no')::integer, 0), 0, 0, 0, 0, 0,
                e.details, e.prev_msg_no, e.prev_origin_no
            from ledger_entry e
            where w.prev_origin_no = 0 and e.entry_no = w.prev_msg_no and e.person_id = p_person
        ) n
        where w.prev_msg_no <> 0 and w.taken < p_most and n.at >= p_since
    )
    select w.msg_no, w.origin_no, w.at, w.kind, w.amount, w.balance, w.provider_no, w.card_id,
        w.total, w.fund, w.account, w.cash, w.details
    from walk w where w.depth > 0 and w.at < p_until order by w.depth
$$;

-- What is held on a person's account at an instant: holds begun, not ended by then, not run out.
create function account_held(p_person bigint, p_at timestamptz,
    out held bigint, out until_at timestamptz)
language sql stable as $$
    select coalesce(sum((h.details ->> 'held_fen')::bigint), 0)::bigint,
        coalesce(max((h.details ->> 'until')::timestamptz), '-infinity')
    from ledger_entry h
    where h.person_id = p_person and h.person_id > 0 and h.kind = 'hold' and h.at <= p_at
        and (h.details ->> 'until')::timestamptz > p_at
        and not exists (
            select from ledger_entry e
            where e.of_entry_no = h.entry_no and e.person_id = h.person_id and e.at <= p_at)
$$;

-- A hold says how much and until when, or it would not always end.
alter table ledger_entry add constraint ledger_hold_ends check (
    kind <> 'hold' or (cardinality(amounts) = 0 and details ->> 'until' is not null
        and (details ->> 'held_fen')::bigint > 0));
create index ledger_hold on ledger_entry (person_id, at) where kind = 'hold';
create index ledger_at on ledger_entry (at);
create index settlement_at on settlement using brin (at);
create index ledger_close on ledger_entry (person_id) where kind = 'close';

-- How late a posting may still arrive: no act and no batch lasts longer before it is given up.
create function posting_margin() returns interval language sql immutable as $$
    select interval '2 minutes'
$$;

-- A promise never stands in the way of taking back what was uncertain: after a reversal an account may
-- hold less than was promised from it, and the hold then posts no more than what is there.
alter table coverage drop constraint coverage_check;
