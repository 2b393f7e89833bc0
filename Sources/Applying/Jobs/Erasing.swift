package import OnewayCore
import Store

/// How far the erasure of a contact has come.
package struct Erasing: Equatable, Sendable {
    /// What has to happen before anything is removed here.
    enum Obstacle: String {
        /// Those that came before it was asked for are to be applied.
        case notifications
        /// Roles are to go there.
        case marketo
    }

    package var isDone = false
    var waitsFor: Obstacle?
    /// As many of them as it waits for.
    var left = 0
    /// Those of them that Marketo refuses to delete: they wait until somebody retries them.
    package var refused = 0
    /// Kept notifications that were looked through for the contact's id.
    var searched = 0
    var removed = Erased()

    mutating func wait(for obstacle: Obstacle, _ count: Int, refused: Int = 0) {
        (waitsFor, left, self.refused) = (obstacle, count, refused)
    }

    package func json(_ contact: GUID) -> JSON {
        [
            "contact": .string("\(contact)"), "state": .string(isDone ? "done" : "running"),
            "waitsFor": .optional(waitsFor?.rawValue), "left": .int(left), "refused": .int(refused),
            "searched": .int(searched),
            "removed": [
                "inbox": .int(removed.inbox), "mirror": .int(removed.mirror), "outbox": .int(removed.outbox),
            ],
        ]
    }
}
