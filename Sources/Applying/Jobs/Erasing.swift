package import OnewayCore
import Store

/// The progress of a contact's erasure.
package struct Erasing: Equatable, Sendable {
    /// The condition that must be met before anything is removed here.
    enum Obstacle: String {
        /// Those that arrived before the request must be applied.
        case notifications
        /// Roles must be gone there.
        case marketo
    }

    package var isDone = false
    var waitsFor: Obstacle?
    /// How many of them it waits for.
    var left = 0
    /// Those of them that Marketo refuses to delete: they wait until an operator retries them.
    package var refused = 0
    /// Kept notifications that were searched for the contact's id.
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
