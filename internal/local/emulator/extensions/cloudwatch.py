"""CloudWatch: the state that an alarm has before it was ever evaluated."""

from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from extensions import replaces


@replaces(CloudWatchBackend)
def put_metric_alarm(original: Any, self: CloudWatchBackend, *given: Any, **named: Any) -> Alarm:
    """A new alarm has insufficient data; a changed one keeps its state."""
    before = self.alarms.get(named.get("name") or given[0])
    alarm = original(self, *given, **named)
    alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
    if before:
        alarm.state_reason, alarm.state_reason_data = before.state_reason, before.state_reason_data
        alarm.state_updated_timestamp, alarm.history = before.state_updated_timestamp, before.history
    return alarm
