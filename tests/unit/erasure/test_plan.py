from volenti.erasure.plan import Plan, Tariff
from volenti.training.external_run import Retraining
from volenti.training.forgetting import price

TARIFF = Tariff("EUR", core_hour=0.1, gpu_hour=3.0)


def test_a_plan_is_priced_by_whose_hours_it_takes() -> None:
    on_cores = price([("a", 1800.0)], [3600.0] * 10, ["c"], workers=2)
    on_gpu = price([("b", 360.0)], [3600.0], ["d"], workers=1, on_gpu=True)
    plan = Plan("req_1", (), (on_cores, on_gpu), (), TARIFF)
    assert (round(plan.money, 6), round(plan.full_money, 6)) == (0.35, 4.0)
    assert plan.to_json()["money"] == {"currency": "EUR", "cost": 0.35, "full_cost": 4.0}


def test_what_only_a_script_can_train_again_is_priced_too() -> None:
    whole = Retraining("run_1/00", "my-lora", True, 7200.0, 4, ())
    by_hand = Retraining("run_2/00", "small", False, 3600.0, 0, ())
    assert Plan("req_1", (), (), (whole, by_hand), TARIFF).money == 8 * 3.0 + 1 * 0.1


def test_without_a_model_nothing_is_to_be_paid() -> None:
    assert Plan("req_1", (), ()).to_json()["money"]["cost"] == 0.0
