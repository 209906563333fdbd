-- What must be remembered of a message on its way, and what ties the signatures of two people.

-- lane: messages of one lane about one card go out in the order in which they fall due.
-- due_at: when a message was meant to go; next_at moves with every try, due_at never does.
-- rejections: answers that could not be used; a receiver that is merely away is not counted.
alter table outbox_state
    add column lane          text generated always as (split_part(topic, '.', 1)) stored,
    add column due_at        timestamptz,
    add column rejections    integer not null default 0,
    add column failing_since timestamptz,
    add column note          text    not null default '';
update outbox_state set due_at = next_at;
alter table outbox_state alter column due_at set not null;

drop index outbox_waiting;
create index outbox_waiting on outbox_state (lane, next_at, outbox_id)
    where done_at is null and quarantined_at is null;
drop index outbox_order;
create index outbox_order on outbox_state (person_id, card_id, lane, due_at, outbox_id)
    where done_at is null and quarantined_at is null;
create index outbox_of_card on outbox_state (person_id, card_id, lane);

create index hotlist_card on hotlist_change (region, card_number, version);

-- Both signatures stand under the beneficiary of the act itself, not under one they name.
alter table two_person_act add unique (act_id, content_hash, beneficiary);
alter table two_person_signature
    add foreign key (act_id, content_hash, beneficiary)
    references two_person_act (act_id, content_hash, beneficiary);
