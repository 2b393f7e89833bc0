import OnewayCore

extension DataverseInstance {
    /// The notifications for synchronous steps before a change, computed on a copy, and the change with its ids fixed.
    struct Plan: Sendable {
        let operation: RowOperation
        let names: RequestNames
        let deliveries: [Delivery]
    }

    /// Nil if there is no synchronous step.
    mutating func plan(
        _ operation: RowOperation,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Plan? {
        let hasSynchronous = book["sdkmessageprocessingstep"].all.contains { $0.values["mode"]?.choice == 0 }
        guard hasSynchronous, !origin.bypassesSteps else { return nil }
        var operation = operation
        if case .create(let table, nil, let values) = operation {
            operation = .create(table: table, id: book.newID(), values)
        }
        let names = newNames()
        var copy = book
        let applied = try copy.apply(operation, by: origin, now: now)
        var told: [Delivery] = []
        for event in applied.events {
            for step in copy.steps(event) where !step.isAsynchronous {
                let isCut = takeCut(event)
                told.append(delivery(event, step, names, operation: names.request, isCut: isCut, in: copy))
            }
        }
        return Plan(operation: operation, names: names, deliveries: told)
    }

    /// Applies a change and queues the notifications for asynchronous steps. Returns the row's id.
    mutating func commit(
        _ operation: RowOperation,
        by origin: Origin,
        names: RequestNames?,
        now: Timestamp
    ) throws(DataverseError) -> GUID {
        let applied = try book.apply(operation, by: origin, now: now)
        let names = names ?? newNames()
        for event in applied.events where !origin.bypassesSteps {
            for step in book.steps(event) where step.isAsynchronous {
                let fault = webhookFaults.next((event.table, event.message))?.kind
                let job = book.newID()
                let delivery = delivery(event, step, names, operation: job, isCut: fault == .cut, in: book)
                deliveries.add(delivery, fault: fault)
            }
        }
        return applied.id
    }

    private mutating func newNames() -> RequestNames {
        RequestNames(correlation: book.newID(), request: book.newID())
    }

    /// Of the webhook faults, only this one applies to synchronous steps.
    private mutating func takeCut(_ event: RowEvent) -> Bool {
        let next = webhookFaults.waiting.first { $0.concerns((event.table, event.message)) }
        guard next?.kind == .cut else { return false }
        return webhookFaults.next((event.table, event.message)) != nil
    }

    private func delivery(
        _ event: RowEvent,
        _ step: StepRegistration,
        _ names: RequestNames,
        operation: GUID,
        isCut: Bool,
        in book: DataverseBook
    ) -> Delivery {
        let writer = ContextWriter(
            book: book,
            organizationName: options.organizationName,
            event: event,
            step: step,
            names: names,
            operation: operation
        )
        return Delivery(writer, host: options.organizationHost, isCutOnRequest: isCut)
    }

    /// Records a finished delivery. The system job is kept if it failed, or unless its step deletes it; a synchronous step
    /// has none.
    mutating func finish(_ delivery: Delivery, _ statuses: [Int?], isDropped: Bool, now: Timestamp) {
        let record = DeliveryRecord(delivery, statuses, isDropped: isDropped, at: now)
        guard delivery.step.isAsynchronous else { return deliveries.add(record) }
        deliveries.done(record)
        if isDropped, !delivery.isTooLarge { return }
        let isDone = record.isDelivered
        if !isDone || !delivery.step.isDeletedWhenDone {
            book.put(SystemJob(delivery, statuses, isDone: isDone, now: now).row, by: book.system, now: now)
        }
    }
}
