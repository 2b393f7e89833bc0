import OnewayCore

/// The system job row of an asynchronous step's run.
struct SystemJob: Sendable {
    let row: Row

    init(_ delivery: Delivery, _ statuses: [Int?], isDone: Bool, now: Timestamp) {
        var values: [String: ColumnValue] = [
            "name": .text(delivery.step.name), "operationtype": .choice(1), "messagename": .text(delivery.message),
            "primaryentitytype": .text(delivery.row.table),
            "owningextensionid": .lookup(RowReference("sdkmessageprocessingstep", delivery.step.id)),
            "regardingobjectid": .lookup(delivery.row), "correlationid": .text("\(delivery.names.correlation)"),
            "depth": .number("\(delivery.depth)"), "createdon": .moment(Timestamp(second: delivery.created.second)),
            "startedon": .moment(Timestamp(second: delivery.created.second)),
            "completedon": .moment(Timestamp(second: now.second)), "statecode": .choice(3),
            "statuscode": .choice(isDone ? 30 : 31),
        ]
        if !isDone {
            let (code, message) = Self.failure(delivery, statuses.last ?? nil)
            values["errorcode"] = .number("\(Int32(bitPattern: code))")
            values["friendlymessage"] = .text(message)
            values["message"] = .text(message)
        }
        row = Row(table: "asyncoperation", id: delivery.operation, values: values, version: 0)
    }

    /// Dataverse's code and message for a failed delivery.
    static func failure(_ delivery: Delivery, _ status: Int?) -> (code: UInt32, message: String) {
        if delivery.isTooLarge { return (0x8005_0207, "The webhook payload size limit was exceeded.") }
        guard let status else {
            return (0x8005_0205, "The webhook call failed because of an http request error.")
        }
        return (
            0x8005_0201,
            "The webhook call failed because the http request received a non-success httpStatus code. StatusCode: \(status)"
        )
    }
}
