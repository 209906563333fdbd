-- The outbound log of a hospital: what was sent, what is known about it, what was booked.
create table if not exists sent (
    msgid      text    not null primary key,
    infno      text    not null,
    psn_no     text    not null,
    bill       text    not null,
    live_bill  text    check (live_bill = bill),
    undoes     text    not null,
    state      text    not null check (state in
        ('open', 'success', 'refused', 'reversing', 'reversed', 'held', 'dropped')),
    request    blob    not null,
    answer     blob,
    tries      integer not null,
    written_at text    not null,
    busy_until text    not null,
    ended_at   text
);
-- One bill has one settlement that stands or may stand; one refund likewise.
create unique index if not exists sent_bill on sent (live_bill) where live_bill is not null;
-- A message is reversed by one 2601, which is sent again and again, never written twice.
create unique index if not exists sent_undoes on sent (undoes) where undoes <> '';
create index if not exists sent_waiting on sent (state)
    where state in ('open', 'reversing');

-- The last number given, so that none is given twice, whatever the clock does.
create table if not exists sequence (
    one    integer not null primary key check (one = 1),
    second text    not null,
    number integer not null
);

-- The day book: settlements and refunds, written in the same commit as the success.
create table if not exists booked (
    msgid         text    not null primary key references sent,
    kind          text    not null check (kind in ('settlement', 'refund')),
    setl_id       text    not null unique,
    of_setl_id    text    not null,
    mdtrt_id      text    not null,
    psn_no        text    not null,
    day           text    not null,
    insutype      text    not null,
    clr_type      text    not null,
    clr_optins    text    not null,
    total_fen     integer not null,
    fund_fen      integer not null,
    account_fen   integer not null,
    cash_fen      integer not null
);
create index if not exists booked_day on booked (day);
create index if not exists booked_undone on booked (of_setl_id) where of_setl_id <> '';
