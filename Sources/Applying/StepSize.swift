/// How many notifications are applied in one step: as many as keep the store's writer busy for a few milliseconds,
/// because accepting waits for it; fewer while much is accepted.
struct StepSize: Sendable {
    static let rowsMin = 8
    /// The projector takes no more opportunities in a step: any beyond that would only return to it later.
    static let rowsMax = Projector.nearMax

    var isAcceptingMuch = false
    private var costs: [Duration] = []

    var rows: Int {
        // The lowest of several: a step that other programs delayed says nothing about the next.
        guard let cost = costs.min() else { return 32 }
        let busyMax = Duration.milliseconds(isAcceptingMuch ? 1 : 4)
        return min(max(Int(busyMax / max(cost, .microseconds(1))), Self.rowsMin), Self.rowsMax)
    }

    /// Records how long the last step took.
    mutating func learn(rows done: Int, took: Duration) {
        // With few rows, the fixed cost of a step dominates.
        guard done >= Self.rowsMin else { return }
        costs.append(took / done)
        if costs.count > Self.stepsRemembered { costs.removeFirst() }
    }

    private static let stepsRemembered = 8
}
