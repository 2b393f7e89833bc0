/// Asks again and again for what no event tells. Patient: a busy machine may stand still for seconds.
public func eventually(_ isSo: () async throws -> Bool) async rethrows -> Bool {
    let began = ContinuousClock.now
    while began.duration(to: .now) < .seconds(120) {
        if try await isSo() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}
