-- Files that came in: what was read, how far it got, and what became of every row.
-- No clear personal text stands here: contents are keyed indexes, refusals are codes and places.

create table import_run (
    run_id     bigint      not null primary key,
    kind       text        not null check (kind in ('persons', 'cards', 'agencies')),
    file_index bytea       not null,
    mapping    text        not null,
    region     text        not null default '',
    started_at timestamptz not null,
    started_by text        not null,
    chunk_rows integer     not null check (chunk_rows > 0)
);
create index import_run_file on import_run (file_index, run_id);

-- A chunk is one commit: its rows are in the register exactly when it stands here.
create table import_chunk (
    run_id        bigint      not null references import_run,
    seq           integer     not null,
    first_line    integer     not null,
    last_line     integer     not null,
    added         integer     not null,
    known         integer     not null,
    repeated      integer     not null,
    refused       integer     not null,
    warned        integer     not null,
    content_index bytea       not null,
    at            timestamptz not null,
    primary key (run_id, seq)
);

-- Every row of a file once: what became of it, and whom it is about when it was taken.
create table import_row (
    run_id    bigint  not null,
    line      integer not null,
    outcome   text    not null check (outcome in ('added', 'known', 'repeated', 'refused')),
    person_id bigint  not null default 0,
    card_id   bigint  not null default 0,
    code      text    not null default '',
    facts     jsonb,
    primary key (run_id, line)
);
create index import_row_person on import_row (person_id, card_id) where person_id <> 0;

create table import_end (
    run_id bigint      not null primary key references import_run,
    at     timestamptz not null,
    rows   integer     not null
);

do $$
declare
    fact text;
begin
    foreach fact in array array['import_run', 'import_chunk', 'import_row', 'import_end']
    loop
        execute format('create trigger facts_stay before update or delete on %I
            for each row execute function facts_stay()', fact);
        execute format('create trigger facts_stay_whole before truncate on %I
            for each statement execute function facts_stay()', fact);
    end loop;
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on import_run, import_chunk, import_row, import_end to minka_desk;
        grant insert on place, employer to minka_desk;
    end if;
end
$$;

-- The stops in force on a card at an instant, as one row: the loss that counts, and the freeze.
create function card_stop(p_person bigint, p_card bigint, p_at timestamptz)
returns table (lost text, lost_from timestamptz, lost_until timestamptz, lost_at_lapse text,
    bank_until timestamptz, frozen_from timestamptz)
language sql stable as $$
    with standing as (
        select b.* from block b
        left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
        where b.person_id = p_person and b.card_id = p_card
          and b.from_at <= p_at
          and (b.until_at is null or p_at < b.until_at)
          and (e.at is null or p_at < e.at)
    ), loss as (
        select * from standing where force in ('formal', 'provisional')
        order by force = 'formal' desc, coalesce(until_at, 'infinity') desc, from_at limit 1
    )
    select (select force from loss), (select from_at from loss), (select until_at from loss),
        (select at_lapse from loss), (select bank_until_at from loss),
        (select min(from_at) from standing where force = 'frozen')
$$;
