"""XGBoost: trees grown on the device by histograms, and by it asked, against the same on the host."""
import numpy
import xgboost

from checks import report

ROWS, TEST_ROWS = 3000, 1000


def main():
    random = numpy.random.default_rng(1)
    x = random.standard_normal((ROWS + TEST_ROWS, 12)).astype("float32")
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0.3).astype("float32")
    truth = y[ROWS:]
    for objective in ("binary:logistic", "reg:squarederror"):
        accuracy = {}
        for device in ("cpu", "cuda"):
            booster = xgboost.train({"device": device, "objective": objective, "max_depth": 5, "eta": 0.4, "seed": 3},
                                    xgboost.QuantileDMatrix(x[:ROWS], y[:ROWS]), num_boost_round=12)
            guess = booster.predict(xgboost.DMatrix(x[ROWS:]))
            accuracy[device] = ((guess > 0.5) == truth).mean()
        # Sums of gradients are rounded otherwise on the device, so that a split may fall elsewhere.
        report(f"{objective}: accuracy of the device and of the host", accuracy["cuda"], accuracy["cpu"], 0.01)
        report(f"{objective}: accuracy above chance", accuracy["cuda"] > 0.85, True, 0)
    booster.set_param({"device": "cuda"})
    on_device = booster.predict(xgboost.DMatrix(x[ROWS:]))
    booster.set_param({"device": "cpu"})
    report("the same trees asked on both", on_device, booster.predict(xgboost.DMatrix(x[ROWS:])), 1e-6)


main()
