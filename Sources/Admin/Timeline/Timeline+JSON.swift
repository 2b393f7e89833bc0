import Applying
import OnewayCore
import Store

extension Timeline.Entry {
    var json: JSON {
        var members = [JSON.Member("at", .string("\(at)")), JSON.Member("what", .string(what.name))]
        switch what {
        case .received(let item, let said): members += item.timelineMembers + [JSON.Member("values", said.json)]
        case .read(let question):
            members += [
                JSON.Member("entity", .string(question.key.entity.rawValue)),
                JSON.Member("record", .string("\(question.key.id)")),
                JSON.Member("reason", .string(question.reason.rawValue)),
                JSON.Member("answer", .optional(question.answer)),
            ]
        case .decided(let event):
            let change = event.change.flatMap { try? JSONDocument($0).root }
            members += event.keyMembers
            for side in ["before", "after"] {
                members.append(JSON.Member(side, change?[side].map { .encoded(Array($0.encoded)) } ?? .null))
            }
        case .sent(let event): members += event.keyMembers + [event.requestMember]
        case .confirmed(let event, let decidedAt):
            members += event.keyMembers + [event.requestMember] + event.troubleMembers
            members.append(JSON.Member("decidedAt", .optional(decidedAt.map { "\($0)" })))
        case .failed(let event): members += event.keyMembers + [event.requestMember] + event.troubleMembers
        }
        return .object(members)
    }
}

extension [Timeline.Said] {
    var json: JSON { .array(map(\.json)) }
}

extension Timeline.Said {
    fileprivate var json: JSON {
        let (fate, newer): (String, StampedValue?) =
            switch contribution.fate {
            case .newest: ("newest", nil)
            case .unapplied: ("unapplied", nil)
            case .replaced(let newer): ("replaced", newer)
            case .late(let newer, _): ("late", newer)
            }
        return [
            "entity": .string(contribution.key.entity.rawValue), "record": .string("\(contribution.key.id)"),
            "attribute": .string(contribution.attribute), "told": contribution.told.json, "fate": .string(fate),
            "newer": newer?.json ?? .null, "newerIn": .optional(newerIn.map { "\($0)" }),
        ]
    }
}

extension InboxItem {
    fileprivate var timelineMembers: [JSON.Member] {
        guard case .object(let members) = json else { return [] }
        return members.filter { $0.name != "receivedAt" && $0.name != "opportunity" }
    }
}

extension DeliveryEvent {
    fileprivate var keyMembers: [JSON.Member] {
        [JSON.Member("kind", .string(key.kind.rawValue)), JSON.Member("key", .string(key.text))]
    }

    fileprivate var requestMember: JSON.Member { JSON.Member("requestId", .optional(requestID)) }

    fileprivate var troubleMembers: [JSON.Member] {
        [JSON.Member("code", .optional(trouble?.code)), JSON.Member("message", .optional(trouble?.message))]
    }
}
