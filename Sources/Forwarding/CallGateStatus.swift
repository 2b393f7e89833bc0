package import OnewayCore

extension CallGate.Status {
    /// As another replica describes it, which is the one that makes the calls.
    package init(
        condition: CallBudget.Condition,
        pausedSince: Timestamp?,
        usedToday: Int,
        leftToday: Int,
        now: Timestamp
    ) {
        self.init(
            pausedSince: pausedSince,
            condition: condition,
            usedToday: usedToday,
            leftToday: leftToday,
            resetsAt: CallBudget.resetsAt(now),
            inFlight: 0
        )
    }
}
