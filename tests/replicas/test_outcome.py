"""Two runs are compared by what came of them, not by who of several processes tells it."""

from chaos.outcome import plain


def test_run_that_another_process_read_back_is_the_same_run():
    started = "Carried out. Started rollback.yml of acme/payments for payments v2.30.4. It worked."
    read_back = "Carried out. Run 41 of rollback.yml of acme/payments: success. It worked."

    assert plain(started) == plain(read_back) == "Carried out. Ran rollback.yml of acme/payments. It worked."


def test_run_that_failed_is_another_outcome():
    failed = "Carried out. Run 41 of rollback.yml of acme/payments: failure."

    assert plain(failed) == "Carried out. Run # of rollback.yml of acme/payments: failure."
