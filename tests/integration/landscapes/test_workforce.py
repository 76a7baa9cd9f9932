"""An anti-corruption layer with a deployable of its own: no vendor can be reached here, and nothing stands still."""

from __future__ import annotations

from tests.integration.landscapes.story import told
from tests.integration.main_job.checkout import Checkout


def test_a_shift_is_covered_by_somebody_whose_credential_was_attested(checkout: Checkout) -> None:
    with told(checkout, "workforce") as story:
        license_ = {"worker_id": "nora", "kind": "nurse", "document_number": "N-42", "expires": "2027-01-31"}
        credential = story.post("credentialing", "SubmitCredential", license_)
        assert credential["status"] == "pending"
        story.logged("integrations", "VerifyDocument is pending: api.verification.example gives no answer")

        attested = {"credential_id": credential["credential_id"], "attested_by": "head of nursing"}
        assert story.post("credentialing", "AttestCredential", attested)["status"] == "verified"
        qualified = story.rows("scheduling", "SELECT worker_id, kind, expires FROM qualification")
        assert qualified == ["nora|nurse|2027-01-31"]

        shift = story.post("scheduling", "OpenShift", {"ward": "3 East", "day": "2026-12-24", "kind": "nurse"})
        covered = story.post("scheduling", "CoverShift", {"shift_id": shift["shift_id"], "worker_id": "nora"})
        assert covered == {"shift_id": shift["shift_id"], "worker_id": "nora", "notification": "pending"}
        swap = story.post("scheduling", "RequestSwap", {"shift_id": shift["shift_id"], "identity_token": "token"})
        assert swap["identity"] == "pending"

        assert story.post("credentialing", "ExpireCredentials", {"day": "2027-02-01"}) == {"expired": 1}
        story.rows("scheduling", "SELECT 'gone' WHERE NOT EXISTS (SELECT FROM qualification)")
