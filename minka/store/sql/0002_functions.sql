-- The clock of a card, its standing at any instant, and what keeps facts from being edited.

-- Now, as the register sees it: the server's clock, never beyond the caller's fenced time and never
-- four seconds behind it, or a clock set back would make blocks that end too soon; moved by the
-- bench's shift.
create function register_now(fence timestamptz default null) returns timestamptz
language sql volatile as $$
    select greatest(least(clock_timestamp(), fence), fence - interval '4 seconds') + shift
    from clock_shift
$$;

-- Locks the card and takes the next instant of its own monotone clock, in one statement.
create function card_tick(p_person bigint, p_card bigint, p_fence timestamptz default null)
returns timestamptz language sql volatile as $$
    update card set last_at = greatest(register_now(p_fence), last_at + interval '1 microsecond')
    where person_id = p_person and card_id = p_card
    returning last_at
$$;

-- The blocks in force on a card at an instant, the strongest first.
create function card_blocks(p_person bigint, p_card bigint, p_at timestamptz)
returns table (block_id bigint, force text, from_at timestamptz, until_at timestamptz, cause text)
language sql stable as $$
    select b.block_id, b.force, b.from_at, b.until_at, b.cause
    from block b
    left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
    where b.person_id = p_person and b.card_id = p_card
      and b.from_at <= p_at
      and (b.until_at is null or p_at < b.until_at)
      and (e.at is null or p_at < e.at)
    order by array_position(array['formal', 'provisional', 'frozen'], b.force), b.from_at
$$;

-- The instant at which an unanswered block cancelled the card, if its rule says cancel at lapse.
create function card_cancelled_by_lapse(p_person bigint, p_card bigint, p_at timestamptz)
returns timestamptz language sql stable as $$
    select min(b.until_at)
    from block b
    left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
    where b.person_id = p_person and b.card_id = p_card
      and b.at_lapse = 'cancel' and b.until_at <= p_at
      and (e.at is null or e.at > b.until_at)
$$;

-- The standing of a card at any instant, past too: computed from intervals, never from a timer.
create function card_standing(p_person bigint, p_card bigint, p_at timestamptz)
returns text language sql stable as $$
    with life as (
        select m.status from card_move m
        where m.person_id = p_person and m.card_id = p_card and m.at <= p_at
        order by m.seq desc limit 1
    ), stop as (
        select b.force from card_blocks(p_person, p_card, p_at) b limit 1
    )
    select case
        when not exists (select from life) then 'unknown'
        when (select status from life) in ('cancelled', 'destroyed') then 'cancelled'
        when card_cancelled_by_lapse(p_person, p_card, p_at) is not null then 'cancelled'
        when (select force from stop) = 'formal' then 'formal_loss'
        when (select force from stop) = 'provisional' then 'provisional_loss'
        when (select force from stop) = 'frozen' then 'frozen'
        when (select status from life) <> 'active' then 'not_active'
        when (select c.expires_on from card c
              where c.person_id = p_person and c.card_id = p_card)
             <= (p_at at time zone 'Asia/Shanghai')::date then 'expired'
        else 'usable'
    end
$$;

-- Differences between the narrow card row and what its facts say; none is the only right answer.
create view card_drift as
    select c.person_id, c.card_id, c.status, m.status as derived
    from card c
    left join lateral (
        select status from card_move m
        where m.person_id = c.person_id and m.card_id = c.card_id
        order by seq desc limit 1
    ) m on true
    where m.status is distinct from c.status;

create function facts_stay() returns trigger language plpgsql as $$
begin
    raise exception 'facts are appended, never edited: %', tg_table_name
        using errcode = 'restrict_violation';
end
$$;

do $$
declare
    fact text;
begin
    foreach fact in array array[
        'card_move', 'block', 'block_end', 'stop_confirmation', 'loss_report', 'loss_confirmation',
        'loss_withdrawal', 'loss_attempt', 'receipt', 'application', 'application_step',
        'promise_change', 'slip_redemption', 'fee', 'document', 'document_stamp', 'document_use',
        'card_use', 'card_refusal', 'request', 'audit_event', 'outbox', 'hotlist_change',
        'two_person_act', 'two_person_signature']
    loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
end
$$;

-- No card dies by mistake and no dead card comes back: the moves of a life, as a constraint.
create function card_life() returns trigger language plpgsql as $$
begin
    if old.status is distinct from new.status and (old.status, new.status) not in (
        ('ordered', 'made'), ('made', 'ready'), ('ready', 'sealed'), ('sealed', 'active'),
        ('ordered', 'cancelled'), ('made', 'cancelled'), ('ready', 'cancelled'),
        ('sealed', 'cancelled'), ('active', 'cancelled'), ('ready', 'destroyed'),
        ('made', 'destroyed'), ('ordered', 'destroyed'))
    then
        raise exception 'a card does not move from % to %', old.status, new.status
            using errcode = 'check_violation';
    end if;
    if new.last_at < old.last_at then
        raise exception 'the clock of a card does not go back' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger card_life before update on card for each row
    when (old.status is distinct from new.status or new.last_at < old.last_at)
    execute function card_life();

-- The desk's role appends facts and moves the few narrow rows; it can edit nothing else.
do $$
begin
    if not exists (select from pg_roles where rolname = 'minka_desk') then
        create role minka_desk nologin;
    end if;
    execute format('grant minka_desk to %I', current_user);
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise notice 'role minka_desk must be created by the database administrator';
end
$$;
do $$
begin
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on all tables in schema public to minka_desk;
        grant usage on all sequences in schema public to minka_desk;
        grant update on card, person, outbox_state, time_mark, clock_shift, queue_ticket
            to minka_desk;
    end if;
end
$$;
