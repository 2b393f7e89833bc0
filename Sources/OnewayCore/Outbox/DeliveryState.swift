/// The delivery state of one Marketo record, between its desired state and what Marketo confirmed.
///
/// A value: each event is a function that changes it, and nothing else does except the store that keeps it.
/// `docs/delivery-states.md` has a diagram.
public struct DeliveryState: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        /// Both sides are equal: nothing to do.
        case settled
        /// To be sent, or sent and not answered yet.
        case pending
        /// Something else must happen first. No attempts are used up.
        case waiting
        /// Marketo refused it permanently. A newer desired state, or an operator, tries again.
        case parked
    }

    /// The desired record, as canonical JSON; nil: it must not exist.
    public var desired: [UInt8]?
    /// The record that Marketo last confirmed; nil: it does not exist, as far as is known.
    public var confirmed: [UInt8]?
    /// When it confirmed that.
    public var confirmedAt: Timestamp?
    /// Counts the changes of `desired`.
    public var version: Int64 = 0
    public var stage = Stage.settled
    public var lane = DeliveryLane.live
    public var reasons: [Reason] = []

    /// The value that the rules must know before this can be sent at all.
    public var heldFor: WaitReason?
    public var waitingFor: WaitReason?
    /// Since when it has been waiting, for whatever; looking again in between does not end that.
    public var waitingSince: Timestamp?
    /// The record whose confirmation ends the waiting at once.
    public var waitsOn: DeliveryKey?

    public var attempts = 0
    /// Nil if only an event makes it due.
    public var nextAttemptAt: Timestamp?
    public var pendingSince: Timestamp?
    /// Marketo's last complaint about it; for a settled one, what it was confirmed without.
    public var trouble: DeliveryTrouble?
    public var requestID: String?
    /// For a role: the lead in Marketo that has it, or may have it. When the contact maps to another lead, this one
    /// must lose it. For a person: the lead itself.
    public var lead: Int64?

    /// Counts the claims. An answer to an older claim is too late and is ignored.
    public var claim: Int64 = 0
    public var isClaimed = false
    /// Something was sent and it is not known whether it arrived: equal sides prove nothing until an answer arrives.
    public var isInDoubt = false

    public init() {}

    public func isDue(_ now: Timestamp) -> Bool { nextAttemptAt.map { $0 <= now } ?? false }

    /// Nothing exists, nothing is desired, nothing is in flight.
    public var isGone: Bool { stage == .settled && desired == nil && confirmed == nil && !isClaimed && !isInDoubt }

    private var isEven: Bool { desired == confirmed && !isClaimed && !isInDoubt }
}

// MARK: Events

extension DeliveryState {
    /// Sets the desired state. A new one reopens a parked or waiting record; the same one again changes nothing.
    public mutating func want(_ wanted: DesiredState, now: Timestamp) {
        reasons = wanted.reasons
        guard wanted.record != desired || wanted.heldFor != heldFor else {
            // Needed now: it does not have to stay in the slow lane.
            lane = min(lane, wanted.lane)
            return
        }
        if wanted.record != desired { version += 1 }
        lane = stage == .pending ? min(lane, wanted.lane) : wanted.lane
        (desired, heldFor) = (wanted.record, wanted.heldFor)
        (attempts, trouble) = (0, nil)
        proceed(now)
    }

    /// Claims it for sending. No other claim is possible before `until`; a claim that expired leaves doubt.
    public mutating func claim(now: Timestamp, until: Timestamp) {
        isInDoubt = isInDoubt || isClaimed
        isClaimed = true
        claim += 1
        (stage, waitingFor, waitsOn) = (.pending, nil, nil)
        (nextAttemptAt, pendingSince) = (until, pendingSince ?? now)
    }

    /// It is about to be sent to this lead: should the answer be lost, it is known which lead may have it.
    public mutating func aim(at lead: Int64, claim number: Int64) {
        guard isClaimed, number == claim else { return }
        self.lead = self.lead ?? lead
    }

    /// The run that claimed it has ended, and it is not known what was sent.
    public mutating func release(next: Timestamp) {
        guard isClaimed else { return }
        (isClaimed, isInDoubt) = (false, true)
        (stage, nextAttemptAt) = (.pending, next)
    }

    /// It may be removed from Marketo on behalf of another record, or Marketo reports it gone: the confirmed state no
    /// longer proves anything.
    public mutating func doubt(now: Timestamp) {
        guard confirmed != nil else { return }
        isInDoubt = true
        if stage == .settled { proceed(now) }
    }

    /// Applies the result of a claim. `sent` is the record that was claimed, because a newer one may be desired by now.
    public mutating func answer(_ verdict: DeliveryVerdict, claim number: Int64, sent: [UInt8]?, now: Timestamp) {
        guard isClaimed, number == claim else { return }
        isClaimed = false
        // No lead has the role, nor may have it.
        defer { if confirmed == nil, !isInDoubt { self.lead = nil } }
        switch verdict {
        case .confirmed(let requestID, let remark, let lead):
            (confirmed, confirmedAt, isInDoubt, pendingSince, waitingSince) = (sent, now, false, nil, nil)
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
            proceed(now, notBefore: now)
            guard stage == .pending, desired == sent else { return }
            (stage, waitingFor, waitsOn, nextAttemptAt) = (.waiting, reason, key, next)
            (pendingSince, trouble) = (nil, leadGone ?? trouble)
            waitingSince = waitingSince ?? now
        case .parked(let trouble, let requestID):
            self.requestID = requestID
            // It was answered: nothing is under way, whatever was in doubt before.
            proceed(now, notBefore: now)
            guard stage == .pending, desired == sent else { return }
            (stage, self.trouble, nextAttemptAt, pendingSince, waitingSince) = (.parked, trouble, nil, nil, nil)
        }
    }

    /// The event it waited for has happened. The time set by doubt had passed when it began to wait.
    public mutating func wake(now: Timestamp) {
        guard stage == .waiting else { return }
        nextAttemptAt = nil
        proceed(now)
    }

    /// False for a record that is fully settled, in flight, or not known yet: there is nothing to retry.
    public var mayBeRetried: Bool {
        !isClaimed && heldFor == nil && (trouble != nil || stage == .waiting || stage == .parked)
    }

    /// An operator asks for a retry.
    public mutating func retry(now: Timestamp) {
        guard mayBeRetried else { return }
        // A record confirmed with something left out is sent again, in full if Marketo accepts it by now.
        if stage == .settled { isInDoubt = true }
        (attempts, trouble) = (0, nil)
        proceed(now)
    }

    /// Whether a settled record may be sent again: Marketo may have lost or changed it since it confirmed it.
    public var mayBeSentAgain: Bool { stage == .settled && !isClaimed && heldFor == nil && desired != nil }

    /// An operator asks for this one record to be sent again, regardless of what was confirmed.
    public mutating func sendAgain(now: Timestamp) {
        guard mayBeSentAgain else { return retry(now: now) }
        (isInDoubt, attempts, trouble) = (true, 0, nil)
        proceed(now)
    }

    /// Sets the stage that follows from the other members. A record in doubt keeps its time: Marketo may still be
    /// processing.
    private mutating func proceed(_ now: Timestamp, notBefore: Timestamp? = nil) {
        (waitingFor, waitsOn) = (nil, nil)
        if isEven {
            (stage, nextAttemptAt, pendingSince, trouble, attempts) = (.settled, nil, nil, nil, 0)
            waitingSince = nil
        } else if let heldFor, !isClaimed {
            (stage, waitingFor, nextAttemptAt, pendingSince) = (.waiting, heldFor, nil, nil)
            waitingSince = waitingSince ?? now
        } else {
            // A record that is already due stays due, however often it changes in the meantime.
            let due = stage == .pending ? min(nextAttemptAt ?? now, now) : now
            let mayBeUnderWay = isClaimed || isInDoubt
            stage = .pending
            pendingSince = pendingSince ?? now
            nextAttemptAt = notBefore ?? (mayBeUnderWay ? max(nextAttemptAt ?? now, now) : due)
        }
    }
}
