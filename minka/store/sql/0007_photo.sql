-- Photos of applications, sealed like every personal field.
create table photo (
    person_id  bigint      not null,
    photo_code text        not null,
    sealed     bytea       not null,
    taken_at   timestamptz not null,
    operator   text        not null,
    primary key (person_id, photo_code)
);
create trigger facts_stay before update or delete on photo
    for each row execute function facts_stay();
create trigger facts_stay_whole before truncate on photo
    for each statement execute function facts_stay();
do $$
begin
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select, insert on photo to minka_desk;
    end if;
end
$$;
