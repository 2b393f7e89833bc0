/// Where one Marketo record stands between what it should be and what Marketo confirmed.
///
/// A value: each event is a function that changes it, and nothing else does but the store that keeps it. `docs/delivery-states.md` draws it.
public struct DeliveryState: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        /// Both sides are equal: nothing to do.
        case settled
        /// To be sent, or sent and not answered.
        case pending
        /// Something else must happen first. No attempts are used up.
        case waiting
        /// Marketo refused it for good. A newer wish or an operator tries again.
        case parked
    }

    /// What it should be, as canonical JSON; nil: it must not exist.
    public var desired: [UInt8]?
    /// What Marketo last confirmed; nil: that it does not exist, as far as anybody knows.
    public var confirmed: [UInt8]?
    /// Counts the changes of `desired`.
    public var version: Int64 = 0
    public var stage = Stage.settled
    public var lane = DeliveryLane.live
    public var reasons: [Reason] = []

    /// What the rules must know before this can be sent at all.
    public var heldFor: WaitReason?
    public var waitingFor: WaitReason?
    /// The record whose confirmation ends the waiting at once.
    public var waitsOn: DeliveryKey?

    public var attempts = 0
    /// Nil when only an event makes it due.
    public var nextAttemptAt: Timestamp?
    public var pendingSince: Timestamp?
    /// What Marketo said last against it; of a settled one, what it was confirmed without.
    public var trouble: DeliveryTrouble?
    public var requestID: String?
    /// Of a role: the lead in Marketo that has it, or may have it. Contacts come to mean other leads; this one must lose it.
    public var lead: Int64?

    /// Counts the claims. An answer that names an older one comes too late to mean anything.
    public var claim: Int64 = 0
    public var isClaimed = false
    /// Something was sent and nobody knows whether it arrived: equal sides prove nothing until an answer comes.
    public var isInDoubt = false

    public init() {}

    public func isDue(_ now: Timestamp) -> Bool { nextAttemptAt.map { $0 <= now } ?? false }

    /// Nothing is there, nothing is wanted, nothing is under way.
    public var isGone: Bool { stage == .settled && desired == nil && confirmed == nil && !isClaimed && !isInDoubt }

    private var isEven: Bool { desired == confirmed && !isClaimed && !isInDoubt }
}

// MARK: Events

extension DeliveryState {
    /// The rules said what it should be. A newer wish reopens what was parked or waiting; the same again changes nothing.
    public mutating func want(_ wanted: DesiredState, now: Timestamp) {
        reasons = wanted.reasons
        guard wanted.record != desired || wanted.heldFor != heldFor else {
            // Somebody looks at it now: what was slow need not stay so.
            lane = min(lane, wanted.lane)
            return
        }
        if wanted.record != desired { version += 1 }
        lane = stage == .pending ? min(lane, wanted.lane) : wanted.lane
        (desired, heldFor) = (wanted.record, wanted.heldFor)
        (attempts, trouble) = (0, nil)
        proceed(now)
    }

    /// Takes it to be sent. Nobody else gets it before `until`; a claim that ended so leaves doubt.
    public mutating func claim(now: Timestamp, until: Timestamp) {
        isInDoubt = isInDoubt || isClaimed
        isClaimed = true
        claim += 1
        (stage, waitingFor, waitsOn) = (.pending, nil, nil)
        (nextAttemptAt, pendingSince) = (until, pendingSince ?? now)
    }

    /// The run that claimed it has ended, and nobody knows what it sent.
    public mutating func release(next: Timestamp) {
        guard isClaimed else { return }
        (isClaimed, isInDoubt) = (false, true)
        (stage, nextAttemptAt) = (.pending, next)
    }

    /// It may be taken out of Marketo on behalf of another record, or Marketo says that it is gone: what was confirmed
    /// proves nothing any more.
    public mutating func doubt(now: Timestamp) {
        guard confirmed != nil else { return }
        isInDoubt = true
        if stage == .settled { proceed(now) }
    }

    /// What came of a claim. `sent` is what the claim held, because meanwhile something newer may be wanted.
    public mutating func answer(_ verdict: DeliveryVerdict, claim number: Int64, sent: [UInt8]?, now: Timestamp) {
        guard isClaimed, number == claim else { return }
        isClaimed = false
        switch verdict {
        case .confirmed(let requestID, let remark, let lead):
            (confirmed, isInDoubt, pendingSince) = (sent, false, nil)
            (attempts, trouble, self.requestID) = (0, nil, requestID)
            self.lead = sent == nil ? nil : lead
            proceed(now)
            if stage == .settled { trouble = remark }
        case .again(let retry):
            isInDoubt = isInDoubt || retry.isUnknown
            if retry.isUnknown { lead = retry.lead ?? lead }
            attempts += retry.isCounted ? 1 : 0
            (trouble, requestID) = (retry.trouble, retry.requestID)
            proceed(now, notBefore: retry.next)
        case .postponed(let next):
            proceed(now, notBefore: next)
        case .waits(let reason, let key, let next, let leadGone):
            if leadGone != nil { (lead, attempts) = (nil, attempts + 1) }
            proceed(now)
            guard stage == .pending, desired == sent else { return }
            (stage, waitingFor, waitsOn, nextAttemptAt) = (.waiting, reason, key, next)
            (pendingSince, trouble) = (nil, leadGone ?? trouble)
        case .parked(let trouble, let requestID):
            self.requestID = requestID
            proceed(now)
            guard stage == .pending, desired == sent else { return }
            (stage, self.trouble, nextAttemptAt, pendingSince) = (.parked, trouble, nil, nil)
        }
    }

    /// What it waited for has happened. The time that doubt set was over when it began to wait.
    public mutating func wake(now: Timestamp) {
        guard stage == .waiting else { return }
        nextAttemptAt = nil
        proceed(now)
    }

    /// Nothing can be done about what is settled in full, under way, or not known yet.
    public var mayBeRetried: Bool {
        !isClaimed && heldFor == nil && (trouble != nil || stage == .waiting || stage == .parked)
    }

    /// An operator says so.
    public mutating func retry(now: Timestamp) {
        guard mayBeRetried else { return }
        // What was confirmed with something left out is sent again, in full where Marketo takes it by now.
        if stage == .settled { isInDoubt = true }
        (attempts, trouble) = (0, nil)
        proceed(now)
    }

    /// What Marketo confirmed it may have lost since, or hold otherwise.
    public var mayBeSentAgain: Bool { stage == .settled && !isClaimed && heldFor == nil && desired != nil }

    /// An operator says so of this one record, whatever was confirmed of it.
    public mutating func sendAgain(now: Timestamp) {
        guard mayBeSentAgain else { return retry(now: now) }
        (isInDoubt, attempts, trouble) = (true, 0, nil)
        proceed(now)
    }

    /// The stage that follows from everything else. What is in doubt keeps its time: Marketo may still be at work.
    private mutating func proceed(_ now: Timestamp, notBefore: Timestamp? = nil) {
        (waitingFor, waitsOn) = (nil, nil)
        if isEven {
            (stage, nextAttemptAt, pendingSince, trouble, attempts) = (.settled, nil, nil, nil, 0)
        } else if let heldFor, !isClaimed {
            (stage, waitingFor, nextAttemptAt, pendingSince) = (.waiting, heldFor, nil, nil)
        } else {
            // One that is due already stays due, however often it changes meanwhile.
            let due = stage == .pending ? min(nextAttemptAt ?? now, now) : now
            let mayBeUnderWay = isClaimed || isInDoubt
            stage = .pending
            pendingSince = pendingSince ?? now
            nextAttemptAt = notBefore ?? (mayBeUnderWay ? max(nextAttemptAt ?? now, now) : due)
        }
    }
}
