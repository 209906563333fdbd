"""Why an act on a key, or a step of a ceremony, is refused, in order of precedence."""

from __future__ import annotations

from minka.keys.vault import KeyReason
from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class KeyRefusal(Reason):
    """Refusals of the acts about keys; the first that applies is the answer."""

    VAULT_GONE = (
        Words(
            "加密机没有应答，与密钥有关的业务先停办；挂失照常受理。",
            "加密機沒有應答，與密鑰有關的業務先停辦；掛失照常受理。",
            "The key vault does not answer, so nothing with keys is done; loss reports go on.",
        ),
        Retry.LATER,
    )
    SEALED = (
        Words(
            "密钥库还没有开封。请{needed}名分管人各自到场开封。",
            "密鑰庫還沒有開封。請{needed}名分管人各自到場開封。",
            "The vault is sealed. {needed} custodians must come and unseal it.",
        ),
        Retry.LATER,
    )
    UNKNOWN = Words(
        "没有密钥{key}第{version}版。",
        "沒有密鑰{key}第{version}版。",
        "There is no key {key} of version {version}.",
    )
    CLOSED = Words(
        "这项申请已经办结或作废，不能再操作。",
        "這項申請已經辦結或作廢，不能再操作。",
        "This request is finished or withdrawn; nothing more can be done with it.",
    )
    EXPIRED = Words(
        "这项申请已于{expired}过期（24小时内有效），须重新申请。",
        "這項申請已於{expired}過期（24小時內有效），須重新申請。",
        "This request expired at {expired} (it holds for 24 hours); propose it again.",
    )
    NOT_THIS_STEP = Words(
        "现在不能做“{move}”：仪式处于“{state}”。",
        "現在不能做「{move}」：儀式處於「{state}」。",
        "“{move}” cannot be done now: the ceremony is at “{state}”.",
    )
    CONTENT_CHANGED = Words(
        "您看到的内容与申请内容不一致（摘要不同），没有签。请重新打开核对。",
        "您看到的內容與申請內容不一致（摘要不同），沒有簽。請重新打開核對。",
        "What you saw is not what was proposed (the hashes differ), so it was not signed. Open it"
        " again and check.",
    )
    NOT_ENTITLED = Words(
        "您现在没有办理这项密钥业务的权限。",
        "您現在沒有辦理這項密鑰業務的權限。",
        "You are not entitled to this act on keys at this time.",
    )
    BENEFICIARY = Words(
        "这项申请与您本人有利害关系，不能由您签。",
        "這項申請與您本人有利害關係，不能由您簽。",
        "This request benefits you, so you cannot sign it.",
    )
    SIGNED_ALREADY = Words(
        "申请就是第一签；您已经签过，另一签须由别人签。",
        "申請就是第一簽；您已經簽過，另一簽須由別人簽。",
        "You have signed already (proposing is a signature); the other must be somebody else's.",
    )
    NOT_SIGNED = Words(
        "还没有两个人签（已签{signed}人），不能执行。",
        "還沒有兩個人簽（已簽{signed}人），不能執行。",
        "Two people have not signed yet ({signed} did), so it is not done.",
    )
    CUSTODIAN_TWICE = Words(
        "同一人不能担任两份分管人。",
        "同一人不能擔任兩份分管人。",
        "Nobody can be custodian of two components.",
    )
    CUSTODIANS_NUMBER = Words(
        "分管人须为{least}至{most}名，方案里有{named}名，到场须有{needed}名。",
        "分管人須為{least}至{most}名，方案裡有{named}名，到場須有{needed}名。",
        "There must be {least} to {most} custodians; the plan names {named} and needs {needed}.",
    )
    LOADING_NEEDS_ALL = Words(
        "装载密钥须全部分管人到场录入。",
        "裝載密鑰須全部分管人到場錄入。",
        "Loading a key needs the components of all custodians.",
    )
    DUTY_TWICE = Words(
        "签批人、分管人、见证人须是不同的人：{staff}担任了两项。",
        "簽批人、分管人、見證人須是不同的人：{staff}擔任了兩項。",
        "Signers, custodians and the witness are different people: {staff} has two duties.",
    )
    NO_WITNESS = Words(
        "方案没有写明见证人。",
        "方案沒有寫明見證人。",
        "The plan names no witness.",
    )
    CHECKS_NUMBER = Words(
        "方案里分量校验值的个数与分管人数不符。",
        "方案裡分量校驗值的個數與分管人數不符。",
        "The plan has not one check value for each custodian.",
    )
    NOT_CUSTODIAN = Words(
        "您不是这次仪式的分管人，不能录入分量。",
        "您不是這次儀式的分管人，不能錄入分量。",
        "You are no custodian of this ceremony and cannot enter a component.",
    )
    ENTERED_ALREADY = Words(
        "您的分量已经录入，一人只录一次。",
        "您的分量已經錄入，一人只錄一次。",
        "Your component is entered; each custodian enters once.",
    )
    COMPONENT_WRONG = (
        Words(
            "分量的校验值不对，没有录入。请对照密封信封重新录入。",
            "分量的校驗值不對，沒有錄入。請對照密封信封重新錄入。",
            "The component's check value is wrong, so it was not entered. Enter it again from your"
            " sealed envelope.",
        ),
        Retry.LATER,
    )
    COMPONENT_REPEATED = Words(
        "这个分量与别人录入的相同，两份会互相抵消，没有录入。请停止仪式并报告。",
        "這個分量與別人錄入的相同，兩份會互相抵消，沒有錄入。請停止儀式並報告。",
        "This component is the same as another's; the two would cancel out, so it was not entered."
        " Stop the ceremony and report it.",
    )
    NOT_WITNESS = Words(
        "只有方案指定的见证人可以核对校验值。",
        "只有方案指定的見證人可以核對校驗值。",
        "Only the witness named in the plan may compare the check value.",
    )
    CHECK_VALUE_DIFFERS = Words(
        "密钥校验值不一致，密钥不得启用。请终止仪式、销毁这把密钥并报告。",
        "密鑰校驗值不一致，密鑰不得啟用。請終止儀式、銷毀這把密鑰並報告。",
        "The key's check value differs, so it must not be used. Abandon the ceremony, destroy the"
        " key and report it.",
    )
    NO_SUCH_MOVE = Words(
        "密钥处于“{state}”，不能“{move}”。",
        "密鑰處於「{state}」，不能「{move}」。",
        "A key that is {state} cannot be moved by “{move}”.",
    )
    NOT_YET = (
        Words(
            "密钥{key}从{since}起才能启用。",
            "密鑰{key}從{since}起才能啟用。",
            "Key {key} may be used from {since} on.",
        ),
        Retry.LATER,
    )
    STILL_NEEDED = Words(
        "在{until}之前还有卡靠这把密钥校验，不能销毁。",
        "在{until}之前還有卡靠這把密鑰校驗，不能銷毀。",
        "Until {until} cards are still verified with this key, so it is not destroyed.",
    )
    COMPROMISED = Words(
        "密钥{key}已经泄露，不得再用。",
        "密鑰{key}已經洩露，不得再用。",
        "Key {key} is compromised and must not be used.",
    )
    SUSPENDED = (
        Words(
            "密钥{key}已暂停使用，请等待恢复。",
            "密鑰{key}已暫停使用，請等待恢復。",
            "Key {key} is suspended; wait until it is resumed.",
        ),
        Retry.LATER,
    )
    NOT_ACTIVE = Words(
        "密钥{key}没有启用或已停用。",
        "密鑰{key}沒有啟用或已停用。",
        "Key {key} is not active.",
    )
    ONLY_VERIFIES = Words(
        "密钥{key}已被新版代替，只能校验旧卡，不能用于新卡。",
        "密鑰{key}已被新版代替，只能校驗舊卡，不能用於新卡。",
        "Key {key} has been replaced: it still verifies old cards and makes no new ones.",
    )
    PERIOD_OVER = Words(
        "密钥{key}的使用期限已到。",
        "密鑰{key}的使用期限已到。",
        "The time of key {key} is over.",
    )
    VERSION_NOT_NEXT = Words(
        "新版本须是同一把密钥的第{wanted}版，与旧版同一用途、同一层级。",
        "新版本須是同一把密鑰的第{wanted}版，與舊版同一用途、同一層級。",
        "The new version must be version {wanted} of the same key, of the same purpose and level.",
    )
    ROTATION_DATES = Words(
        "换版日期不成立：新版启用不得早于现在，旧卡校验期须晚于换版日。",
        "換版日期不成立：新版啟用不得早於現在，舊卡校驗期須晚於換版日。",
        "The dates do not hold: the change cannot lie in the past, and old cards must be verified"
        " for some time after it.",
    )
    TOO_MANY_VERSIONS = Words(
        "卡上一把密钥最多同时有{most}版，须等最旧一版停用。",
        "卡上一把密鑰最多同時有{most}版，須等最舊一版停用。",
        "A card holds at most {most} versions of a key; wait until the oldest has ended.",
    )
    COUNTER_SPENT = Words(
        "密钥{key}还可用{left}次，这次要用{wanted}次，没有办理。",
        "密鑰{key}還可用{left}次，這次要用{wanted}次，沒有辦理。",
        "Key {key} has {left} uses left and {wanted} are wanted, so nothing was done.",
    )
    WRONG_PURPOSE = Words(
        "密钥{key}只能用于它的用途，一钥一用。",
        "密鑰{key}只能用於它的用途，一鑰一用。",
        "Key {key} serves its one purpose and no other.",
    )
    WRONG_LEVELS = Words(
        "密钥{key}的分散级数不对。",
        "密鑰{key}的分散級數不對。",
        "The number of diversification levels does not fit key {key}.",
    )
    NOT_EXPORTABLE = Words(
        "密钥{key}不得导出。",
        "密鑰{key}不得導出。",
        "Key {key} may not leave the vault.",
    )
    ALGORITHM = Words(
        "密钥库不支持这种算法。",
        "密鑰庫不支援這種演算法。",
        "The vault does not know this algorithm.",
    )
    BAD_BLOCK = Words(
        "密钥块被改动过，或不是用这把密钥加密的，没有导入。",
        "密鑰塊被改動過，或不是用這把密鑰加密的，沒有導入。",
        "The key block was changed or does not open with this key, so it was not taken in.",
    )
    ALREADY_HELD = Words(
        "加密机里已有密钥{key}第{version}版，没有覆盖。",
        "加密機裡已有密鑰{key}第{version}版，沒有覆蓋。",
        "The vault already holds version {version} of key {key}; nothing was overwritten.",
    )
    WRONG_LENGTH = Words(
        "分散因子、随机数或数据的长度不对，没有计算。",
        "分散因子、隨機數或資料的長度不對，沒有計算。",
        "A factor, a challenge or the data has a wrong length, so nothing was computed.",
    )


FROM_VAULT: dict[KeyReason, KeyRefusal] = {
    KeyReason.UNKNOWN: KeyRefusal.UNKNOWN,
    KeyReason.WRONG_PURPOSE: KeyRefusal.WRONG_PURPOSE,
    KeyReason.NOT_ACTIVE: KeyRefusal.NOT_ACTIVE,
    KeyReason.COUNTER_SPENT: KeyRefusal.COUNTER_SPENT,
    KeyReason.WRONG_LEVELS: KeyRefusal.WRONG_LEVELS,
    KeyReason.NOT_EXPORTABLE: KeyRefusal.NOT_EXPORTABLE,
    KeyReason.ALGORITHM: KeyRefusal.ALGORITHM,
    KeyReason.BAD_BLOCK: KeyRefusal.BAD_BLOCK,
    KeyReason.BAD_LENGTH: KeyRefusal.WRONG_LENGTH,
    KeyReason.BAD_PARTS: KeyRefusal.COMPONENT_WRONG,
    KeyReason.EXISTS: KeyRefusal.ALREADY_HELD,
    KeyReason.SEALED: KeyRefusal.SEALED,
}
"""The sentence for every reason a vault gives; ``VaultGone`` is ``VAULT_GONE``."""
