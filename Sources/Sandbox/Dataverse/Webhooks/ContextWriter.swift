import OnewayCore

/// The ids that all messages of one request share.
struct RequestNames: Sendable {
    let correlation: GUID
    let request: GUID
}

/// Writes the body of a notification: the execution context of a message.
struct ContextWriter: Sendable {
    let book: DataverseBook
    let organizationName: String
    let event: RowEvent
    let step: StepRegistration
    let names: RequestNames
    let operation: GUID

    /// If cut, without parameters, images, and parent.
    func body(isCut: Bool) -> [UInt8] {
        WireText.escaped(context(depth: event.origin.depth, isOuter: true, isCut: isCut).encoded)
    }

    /// Members are in alphabetical order. A parent context repeats most of it, with the outer message's name.
    private func context(depth: Int, isOuter: Bool, isCut: Bool) -> JSON {
        let user = JSON.string("\(step.impersonated ?? event.user)")
        let parent: JSON =
            isCut || depth <= 1 ? .null : context(depth: depth - 1, isOuter: false, isCut: false)
        return [
            "BusinessUnitId": .string("\(book.businessUnit)"), "CorrelationId": .string("\(names.correlation)"),
            "Depth": .int(depth), "InitiatingUserAgent": "",
            "InitiatingUserAzureActiveDirectoryObjectId": .string("\(GUID.zero)"),
            "InitiatingUserId": .string("\(event.origin.user)"), "InputParameters": .array(isCut ? [] : input),
            "IsExecutingOffline": false, "IsInTransaction": .bool(!step.isAsynchronous), "IsOfflinePlayback": false,
            "IsolationMode": 1, "MessageName": .string(event.message), "Mode": .int(step.isAsynchronous ? 1 : 0),
            "OperationCreatedOn": .string(created), "OperationId": .string("\(operation)"),
            "OrganizationId": .string("\(book.organization)"), "OrganizationName": .string(organizationName),
            "OutputParameters": .array(isOuter ? output : []), "OwningExtension": owner, "ParentContext": parent,
            "PostEntityImages": .array(isCut || !isOuter ? [] : images(post: true)),
            "PreEntityImages": .array(isCut || !isOuter ? [] : images(post: false)),
            "PrimaryEntityId": .string("\(event.id)"), "PrimaryEntityName": .string(event.table),
            "RequestId": .string("\(names.request)"), "SecondaryEntityName": "none",
            "SharedVariables": .array(event.message == "Create" ? [EntityForm.pair("DefaultsAddedFlag", true)] : []),
            "Stage": .int(isOuter ? step.stage : 30),
            "UserAzureActiveDirectoryObjectId": .string("\(GUID.zero)"), "UserId": user,
        ]
    }

    private var form: EntityForm { EntityForm(book: book) }

    /// In whole seconds with an offset for asynchronous steps, in milliseconds without one for synchronous steps.
    private var created: String {
        step.isAsynchronous ? "/Date(\(event.at.second * 1000)+0000)/" : "/Date(\(event.at.milliseconds))/"
    }

    private var owner: JSON {
        EntityForm.reference(
            "sdkmessageprocessingstep",
            step.id,
            step.isAsynchronous ? nil : step.name,
            isTyped: false
        )
    }

    private var output: [JSON] {
        event.message == "Create" && step.stage == 40 ? [EntityForm.pair("id", .string("\(event.id)"))] : []
    }

    private var input: [JSON] {
        let target = EntityForm.pair(
            "Target",
            EntityForm.reference(event.table, event.id, nil, isTyped: true)
        )
        switch event.input {
        case .reference: return [target]
        case .entity(let values):
            guard let table = book.tables[event.table] else { return [] }
            let sent = values.filter { step.stage != 10 || !Self.setLate.contains($0.key) }
            let isFormatted = event.message == "Create" && step.stage == 40
            return [
                EntityForm.pair("Target", form.target(table, event.id, sent, isFormatted: isFormatted))
            ]
        case .merging(_, let subordinate):
            return [
                target, EntityForm.pair("SubordinateId", .string("\(subordinate.id)")),
                EntityForm.pair("UpdateContent", form.entity(event.table, .zero, [], [], isTyped: true)),
                EntityForm.pair("PerformParentingChecks", false),
            ]
        case .closing(let values, let status):
            let attributes = values.sorted { $0.key < $1.key }.map {
                EntityForm.pair($0.key, form.value($0.value, named: false))
            }
            return [
                EntityForm.pair(
                    "OpportunityClose",
                    form.entity("opportunityclose", .zero, attributes, [], isTyped: true)
                ),
                EntityForm.pair("Status", EntityForm.choice(status)),
            ]
        }
    }

    /// Columns that are not yet set in stage 10.
    private static let setLate: Set = ["createdon", "createdby", "modifiedon", "modifiedby"]

    private func images(post: Bool) -> [JSON] {
        guard let table = book.tables[event.table], !event.isWithoutImages else { return [] }
        var images: [JSON] = []
        for image in step.images where post ? image.isPost && step.stage == 40 : image.isPre {
            guard let row = event.row(image.property, after: post) else { continue }
            images.append(EntityForm.pair(image.alias, form.image(table, row, columns: image.columns)))
        }
        let named = post ? event.after : event.after == nil ? event.before : nil
        if step.isAsynchronous, let named {
            images.append(EntityForm.pair("AsynchronousStepPrimaryName", form.primaryName(table, named)))
        }
        return images
    }
}

extension RowEvent {
    fileprivate var isWithoutImages: Bool {
        if case .closing = input { true } else { false }
    }

    /// The row that an image shows.
    fileprivate func row(_ property: String, after isAfter: Bool) -> Row? {
        if property == "SubordinateId", case .merging(let before, let after) = input { return isAfter ? after : before }
        return isAfter ? after : before
    }
}
