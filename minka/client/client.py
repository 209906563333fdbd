"""The calls of a hospital's software, from signing in to the day's proof."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minka.cipher.field import SoftFieldKeys
from minka.client import figures
from minka.client.bill import Bill, By, Credential, Fields, Purchase
from minka.client.book import DayBook
from minka.client.carrier import Carrier, HttpCarrier
from minka.client.figures import Settled
from minka.client.gateway import Session, mac_of
from minka.client.identity import Identity
from minka.client.judge import Carried
from minka.client.log import OutboundLog, Sent
from minka.client.messenger import Call, Messenger
from minka.client.outcome import Outcome, Success, Unknown, Why
from minka.client.site import Seal, Site
from minka.kit.fen import yuan

SIGN_IN = "9001"


class Client(Messenger):
    """A provider's side of the counter. Each call answers ``Success``, ``Refused`` or ``Unknown``.

    Keyword arguments named ``fields`` are further fields of the interface, by its own names.
    """

    def __init__(
        self,
        site: Site,
        path: Path | str,
        identity: Identity,
        *,
        carrier: Carrier | None = None,
        log: OutboundLog | None = None,
    ) -> None:
        share = (site.first_seq, site.last_seq)
        keys = SoftFieldKeys(identity.log_secret())
        super().__init__(
            site, log or OutboundLog(path, keys, share=share), carrier or HttpCarrier(site)
        )
        self.book = DayBook(self.log)
        self._identity = identity
        self._operator: Fields = {}
        self._signing = threading.Lock()

    def close(self) -> None:
        """Close connections and the log; what is open stays written."""
        self._carrier.close()
        self.log.close()

    # Sessions.

    def sign_in(
        self, opter_no: str, ip: str = "127.0.0.1", mac: str = "00-00-00-00-00-00"
    ) -> Outcome:
        """9001: begin a session; everything after it is sealed with its key."""
        self._operator = {"opter_no": opter_no, "mac": mac, "ip": ip}
        with self._signing:
            return self._signed_in()

    def _signed_in(self) -> Outcome:
        found = self.call(Call(SIGN_IN, {"signIn": self._operator}))
        if not isinstance(found, Success):
            return found
        try:
            mac = mac_of(self._identity.session_key(found.output))
        except ValueError:  # not sealed for this key
            mac = None
        if self.site.seal is Seal.MAC and mac is None:
            return Unknown(found.msgid, found.infno, Why.NOT_PROVED)
        self._session = Session(str(found.output["signinoutb"]["sign_no"]), mac)
        return found

    def sign_out(self) -> Outcome:
        """9002: end the session."""
        number = self._session.sign_no if self._session else ""
        nodes = {"signOut": {"sign_no": number, "opter_no": self._operator.get("opter_no", "")}}
        found = self.call(Call("9002", nodes))
        if isinstance(found, Success):
            self._session, self._operator = None, {}
        return found

    def _delivered(self, sent: Sent) -> Carried:
        """A sign-in is signed; everything else goes under the session, begun late if need be."""
        if sent.infno == SIGN_IN:
            return self._carrier.carry(sent.request, None, self._identity.sign)
        if self._session is None:
            self._renewed(None)
        return super()._delivered(sent)

    def _renewed(self, ended: Session | None) -> bool:
        """Sign in once more, unless somebody just did."""
        with self._signing:
            if self._session is not ended:
                return self._session is not None
            return bool(self._operator) and isinstance(self._signed_in(), Success)

    # The person, and an outpatient visit.

    def person(self, credential: Credential, **fields: Any) -> Outcome:
        """1101: who this is, how insured, and the account's balance."""
        node = {**credential.fields(), "card_sn": credential.card_sn, **_empty(PERSON), **fields}
        if credential.by is By.ID_CARD:
            node.setdefault("psn_cert_type", "01")
        return self.call(Call("1101", {"data": node}))

    def register(self, psn_no: str, credential: Credential, **fields: Any) -> Outcome:
        """2201: open a visit; its ``mdtrt_id`` goes into everything after."""
        return self._of(psn_no, "2201", {**credential.fields(), **fields})

    def cancel_registration(self, psn_no: str, mdtrt_id: str, ipt_otp_no: str) -> Outcome:
        """2202: close a visit without a settlement."""
        return self._of(psn_no, "2202", {"mdtrt_id": mdtrt_id, "ipt_otp_no": ipt_otp_no})

    def upload(self, psn_no: str, lines: Sequence[Fields]) -> Outcome:
        """2204: the lines of a visit; the platform splits each."""
        return self.call(Call("2204", {"feedetail": _lines(psn_no, lines)}, psn_no))

    def delete(self, psn_no: str, mdtrt_id: str, batch: str = "0000") -> Outcome:
        """2205: take back the lines of a batch, or every line that is not settled."""
        return self._of(psn_no, "2205", {"mdtrt_id": mdtrt_id, "chrg_bchno": batch})

    def pre_settle(self, bill: Bill) -> Outcome:
        """2206: what the bill would come to; leaves no trace."""
        node = {**bill.fields(), "chrg_bchno": bill.batch, "med_type": bill.med_type}
        return self._of(bill.psn_no, "2206", node)

    def settle(self, bill: Bill, quoted: Success, invoice: str = "") -> Outcome:
        """2207: settle; the four totals of the pre-settlement are repeated.

        Called again for the same bill it never settles twice: it answers what is known.
        """
        node = {**bill.fields(), "chrg_bchno": bill.batch, "med_type": bill.med_type}
        node |= {**_echo(quoted), "invono": invoice}
        return self._of(bill.psn_no, "2207", node, bill=bill.number)

    def refund(self, settled: Settled) -> Outcome:
        """2208: take a settlement back; once, however often it is called."""
        return self._refund("2208", settled)

    # A pharmacy.

    def pre_settle_purchase(self, purchase: Purchase) -> Outcome:
        """2101: what the purchase would come to."""
        return self.call(Call("2101", purchase.nodes(), purchase.psn_no))

    def settle_purchase(self, purchase: Purchase, invoice: str = "") -> Outcome:
        """2102: settle the purchase, once per number."""
        nodes = purchase.nodes()
        nodes["druginfo"]["invono"] = invoice
        return self.call(Call("2102", nodes, purchase.psn_no, purchase.number))

    def refund_purchase(self, settled: Settled) -> Outcome:
        """2103: take a purchase back."""
        return self._refund("2103", settled)

    # A stay.

    def admit(
        self, psn_no: str, credential: Credential, diagnoses: Sequence[Fields], **fields: Any
    ) -> Outcome:
        """2401: admission; its ``mdtrt_id`` goes into everything after."""
        node = {"psn_no": psn_no, **credential.fields(), **fields}
        nodes = {"mdtrtinfo": node, "diseinfo": _lines(psn_no, diagnoses)}
        return self.call(Call("2401", nodes, psn_no, f"admission {fields.get('ipt_no', '')}"))

    def upload_stay(self, psn_no: str, lines: Sequence[Fields]) -> Outcome:
        """2301: lines of a stay."""
        return self.call(Call("2301", {"feedetail": _lines(psn_no, lines)}, psn_no))

    def delete_stay(self, psn_no: str, mdtrt_id: str, line: str = "0000") -> Outcome:
        """2302: take a line back, or all."""
        rows = [{"feedetl_sn": line, "mdtrt_id": mdtrt_id, "psn_no": psn_no}]
        return self.call(Call("2302", {"data": rows}, psn_no))

    def pre_settle_stay(self, bill: Bill, split: Sequence[Fields], middle: str = "0") -> Outcome:
        """2303: what the stay would come to; ``split`` are the lines as 2301 answered them."""
        node = {**bill.fields(), **_sums(split), "mid_setl_flag": middle, "invono": ""}
        return self._of(bill.psn_no, "2303", node)

    def settle_stay(self, bill: Bill, quoted: Success, middle: str = "0") -> Outcome:
        """2304: settle the stay, or with ``middle`` "1" what it came to so far."""
        node = {**bill.fields(), **_echo(quoted), "mid_setl_flag": middle, "invono": ""}
        return self._of(bill.psn_no, "2304", node, bill=bill.number)

    def refund_stay(self, settled: Settled) -> Outcome:
        """2305: take a stay's settlement back."""
        return self._refund("2305", settled)

    def discharge(
        self, psn_no: str, mdtrt_id: str, diagnoses: Sequence[Fields], **fields: Any
    ) -> Outcome:
        """2402: discharge."""
        node = {"mdtrt_id": mdtrt_id, "psn_no": psn_no, **fields}
        nodes = {"dscginfo": node, "diseinfo": _lines(psn_no, diagnoses)}
        return self.call(Call("2402", nodes, psn_no))

    def undo_discharge(self, psn_no: str, mdtrt_id: str) -> Outcome:
        """2405: take a discharge back."""
        return self._of(psn_no, "2405", {"mdtrt_id": mdtrt_id})

    # Questions, and the day's proof.

    def settlement(self, settled: Settled) -> Outcome:
        """5203: a settlement as the platform holds it."""
        return self._of(settled.psn_no, "5203", _named(settled))

    def accumulators(self, psn_no: str, month: str = "") -> Outcome:
        """5206: the yearly accumulators of a person."""
        return self._of(psn_no, "5206", {"cum_ym": month})

    def proved(self, group: Mapping[str, Any]) -> Outcome:
        """3201: the day book's totals of a group (``book.totals``) beside the platform's.

        Only a balanced answer, ``stmt_rslt`` of zeros, proves that repairs took effect.
        """
        return self.call(Call("3201", {"data": dict(group)}))

    # The inside.

    def _of(self, psn_no: str, infno: str, fields: Fields, *, bill: str = "") -> Outcome:
        return self.call(Call(infno, {"data": {"psn_no": psn_no, **fields}}, psn_no, bill))

    def _refund(self, infno: str, settled: Settled) -> Outcome:
        bill = f"refund {settled.setl_id}"
        return self._of(settled.psn_no, infno, _named(settled), bill=bill)


PERSON = ("begntime", "psn_cert_type", "certno", "psn_name")


def _empty(names: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(names, "")


def _named(settled: Settled) -> dict[str, str]:
    return {"setl_id": settled.setl_id, "mdtrt_id": settled.mdtrt_id}


def _lines(psn_no: str, lines: Sequence[Fields]) -> list[dict[str, Any]]:
    return [{"psn_no": psn_no, **line} for line in lines]


def _echo(quoted: Success) -> dict[str, Any]:
    """The four totals exactly as they were quoted."""
    info = figures.info_of(quoted.output)
    return {name: info[name] for name in figures.ECHOED if info.get(name) is not None}


def _sums(split: Sequence[Fields]) -> dict[str, str]:
    """The four totals out of the lines as the platform split them."""
    inside = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    return {
        name: yuan(sum(figures.fen(line.get(part) or 0) for line in split))
        for name, part in zip(figures.ECHOED, inside, strict=True)
    }
