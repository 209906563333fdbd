"""What `minka demo` says, in three languages; every instant in it is read from the register."""

from __future__ import annotations

from minka.kit.words import Words

TITLE = Words(
    "一张卡丢了：一次挂失的一生",
    "一張卡丟了：一次掛失的一生",
    "A card is lost: the whole life of a loss report",
)
PREPARING = Words(
    "正在为这个故事准备一座临时的城市……",
    "正在為這個故事準備一座臨時的城市……",
    "Preparing a temporary city for this story…",
)

SAID: dict[str, Words] = {
    "scene": Words(
        "{city}：{holder}有一张{card}，银行账户在{bank}。",
        "{city}：{holder}有一張{card}，銀行帳戶在{bank}。",
        "{city}: {holder} holds card {card}, with an account at {bank}.",
    ),
    "pays": Words(
        "在医院结算12元：成功。",
        "在醫院結算12元：成功。",
        "A hospital bill of 12 yuan is settled.",
    ),
    "reported": Words(
        "卡丢了，打热线，只说姓名和身份证号码。坐席挂断前已停用，编号{receipt}。",
        "卡丟了，打熱線，只說姓名和身份證號碼。坐席掛斷前已停用，編號{receipt}。",
        "The card is gone. One call to the hotline, name and ID number only: stopped before the"
        " call ends, no. {receipt}.",
    ),
    "refused": Words(
        "一秒钟后有人在医院刷这张卡：拒绝。",
        "一秒鐘後有人在醫院刷這張卡：拒絕。",
        "A second later somebody tries the card at a hospital: refused.",
    ),
    "stops": Words(
        "两项停用分开显示：社保{social}，银行{bank}。",
        "兩項停用分開顯示：社保{social}，銀行{bank}。",
        "Two stops, shown apart: social security {social}, bank {bank}.",
    ),
    "bank": Words(
        "银行自己确认了止付，才显示银行那一项已停。",
        "銀行自己確認了止付，才顯示銀行那一項已停。",
        "Only when the bank itself has confirmed is its side shown as stopped.",
    ),
    "until": Words(
        "登记库里记着到期时间：{until}。",
        "登記庫裡記著到期時間：{until}。",
        "The register holds the instant at which it ends: {until}.",
    ),
    "turned": Words(
        "时钟拨到到期之后。没有任何程序运行过，停用的区间已经结束。",
        "時鐘撥到到期之後。沒有任何程序運行過，停用的區間已經結束。",
        "The clock is turned past that instant. No job ran: the interval has simply ended.",
    ),
    "before": Words(
        "到期前一微秒：{before}；到期那一刻：{after}。",
        "到期前一微秒：{before}；到期那一刻：{after}。",
        "One microsecond before: {before}; at the instant: {after}.",
    ),
    "works": Words(
        "卡又能用了：结算成功。短信提醒过本人：“{text}”",
        "卡又能用了：結算成功。短信提醒過本人：「{text}」",
        "The card works again: a bill is settled. The holder was told by text: “{text}”",
    ),
    "other_city": Words(
        "换一座城市，规则不同，程序一样。",
        "換一座城市，規則不同，程序一樣。",
        "Another city: other rules, the same programme.",
    ),
    "again": Words(
        "卡还是没找到，再次打热线挂失，编号{receipt}。",
        "卡還是沒找到，再次打熱線掛失，編號{receipt}。",
        "Still not found: reported again by telephone, no. {receipt}.",
    ),
    "replaced": Words(
        "到服务中心：正式挂失和补卡一次办完，编号{receipt}，领卡证明{slip}，费用{fee}元。",
        "到服務中心：正式掛失和補卡一次辦完，編號{receipt}，領卡證明{slip}，費用{fee}元。",
        "At the service centre, in one visit: formally lost and a new card applied for,"
        " no. {receipt}, slip {slip}, fee {fee} yuan.",
    ),
    "final": Words(
        "想撤销：拒绝。“{why}”",
        "想撤銷：拒絕。「{why}」",
        "Taking it back is refused: “{why}”",
    ),
    "paid": Words(
        "交费{fee}元，收据{receipt}。",
        "交費{fee}元，收據{receipt}。",
        "The fee of {fee} yuan is paid, receipt {receipt}.",
    ),
    "made": Words(
        "示例工厂制好新卡，送到网点。",
        "示例工廠製好新卡，送到網點。",
        "The demo factory makes the card and brings it to the counter.",
    ),
    "no_papers": Words(
        "有人拿着领卡证明、没带证件来领：拒绝。“{why}”",
        "有人拿著領卡證明、沒帶證件來領：拒絕。「{why}」",
        "Somebody comes with the slip but no papers: refused. “{why}”",
    ),
    "collected": Words(
        "本人带身份证和领卡证明领卡。新卡还不能用，要本人启用。",
        "本人帶身份證和領卡證明領卡。新卡還不能用，要本人啟用。",
        "The holder collects it with the ID card and the slip. It cannot be used until activated.",
    ),
    "activated": Words(
        "本人启用新卡，旧卡在同一刻注销。",
        "本人啟用新卡，舊卡在同一刻註銷。",
        "The holder activates it; in the same commit the old card is cancelled.",
    ),
    "new_pays": Words(
        "新卡结算：成功。",
        "新卡結算：成功。",
        "The new card settles a bill.",
    ),
    "old_refused": Words(
        "旧卡在医院：拒绝。",
        "舊卡在醫院：拒絕。",
        "The old card at a hospital: refused.",
    ),
    "for_ever": Words(
        "十年以后，旧卡：还是拒绝。永远如此。",
        "十年以後，舊卡：還是拒絕。永遠如此。",
        "Ten years later the old card is still refused, and always will be.",
    ),
    "story": Words(
        "登记库里的全部经过：",
        "登記庫裡的全部經過：",
        "The whole story as the register holds it:",
    ),
    "end": Words(
        "完。试试 minka up，自己走一遍。",
        "完。試試 minka up，自己走一遍。",
        "The end. Try minka up and live through it yourself.",
    ),
}
"""Each step of the story."""

PENDING = Words("处理中", "處理中", "under way")
STOPPED_AT = Words("{at} 已停", "{at} 已停", "stopped at {at}")
