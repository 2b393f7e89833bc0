/// How many notifications are applied in one step: as many as keep the store's writer busy for a few milliseconds,
/// because accepting waits for it; fewer while much is accepted.
struct StepSize: Sendable {
    static let rowsMin = 8
    /// One more opportunity than the projector takes in a step would only come back to it.
    static let rowsMax = Projector.opportunitiesMax

    private(set) var rows = 32
    var isAcceptingMuch = false

    private var busyMax: Duration { isAcceptingMuch ? .milliseconds(1) : .milliseconds(4) }

    /// What the last step took. Shrinks at once, grows slowly: one quick step proves little.
    mutating func learn(rows done: Int, took: Duration) {
        if took > busyMax {
            rows = max(Self.rowsMin, min(rows, Int(Double(done) * max(0.5, busyMax / took))))
        } else if done >= rows {
            rows = min(Self.rowsMax, rows + rows / 4)
        }
    }
}
