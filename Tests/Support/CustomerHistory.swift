package import OnewayCore

/// The notifications about one opportunity's customer and its contacts' accounts, as a test writes them.
package struct CustomerHistory: Sendable {
    /// `.some(nil)`: received as empty; `nil`: not received.
    package struct Message: Hashable, Sendable {
        package enum Customer: Hashable, Sendable { case account(GUID), contact(GUID), empty }

        package var second: Int64
        package var isCreate = false
        package var customer: Customer?
        package var account: GUID??
        package var contact: GUID??

        package init(
            second: Int64,
            isCreate: Bool = false,
            customer: Customer? = nil,
            account: GUID?? = nil,
            contact: GUID?? = nil
        ) {
            (self.second, self.isCreate) = (second, isCreate)
            (self.customer, self.account, self.contact) = (customer, account, contact)
        }
    }

    package var messages: [Message]
    /// The account of each known contact.
    package var accounts: [GUID: GUID?]

    package init(messages: [Message], accounts: [GUID: GUID?] = [:]) {
        (self.messages, self.accounts) = (messages, accounts)
    }

    /// Up to six messages, no two in the same second: rank and value decide those, which other tests cover.
    package static func random(
        accounts: [GUID],
        contacts: [GUID],
        using random: inout Seeded
    ) -> CustomerHistory {
        let customers = accounts.map(Message.Customer.account) + contacts.map(Message.Customer.contact) + [.empty]
        let messages = (1...Int64.random(in: 1...6, using: &random)).map { second in
            var message = Message(second: second, isCreate: random.chance(5))
            if random.chance(2) { message.customer = random.pick(customers) }
            if random.chance(2) { message.account = .some(random.pick(accounts + [nil])) }
            if random.chance(2) { message.contact = .some(random.pick(contacts + [nil])) }
            return message
        }
        let known = contacts.filter { _ in !random.chance(3) }.map { ($0, random.pick(accounts + [nil])) }
        return CustomerHistory(messages: messages, accounts: Dictionary(uniqueKeysWithValues: known))
    }
}

/// The customer, derived from the messages in the order of their time, without any code of the product: the state that
/// Marketo must end up with, for any order of arrival and any deliveries in between.
package struct CustomerExpectation: Hashable, Sendable {
    package var account: GUID?
    package var role: GUID?

    package init(account: GUID?, role: GUID?) { (self.account, self.role) = (account, role) }

    package init(_ history: CustomerHistory) {
        var customer: (at: Int64, value: CustomerHistory.Message.Customer)?
        var account: (at: Int64, value: GUID?)?
        var contact: (at: Int64, value: GUID?)?
        for message in history.messages.sorted(by: { $0.second < $1.second }) {
            let at = message.second
            // The message's values of the form; in a creation, a missing one is empty.
            var told = (account: message.account, contact: message.contact)
            if message.isCreate { told = (told.account ?? .some(nil), told.contact ?? .some(nil)) }
            // `customerid` wins over them.
            switch message.customer {
            case .account(let id): told.account = .some(id)
            case .contact(let id): told = (.some(nil), .some(id))
            case .empty: told = (.some(nil), .some(nil))
            case nil: break
            }
            if let value = message.customer { customer = (at, value) }
            if let value = told.account { account = (at, value) }
            if let value = told.contact { contact = (at, value) }
        }
        let form = max(account?.at ?? -1, contact?.at ?? -1)
        if let customer, customer.at >= form {
            switch customer.value {
            case .account(let id): self.account = id
            case .contact(let id): (self.account, role) = (history.accounts[id] ?? nil, id)
            case .empty: break
            }
        } else if let id = account?.value {
            self.account = id
        } else if account != nil, let id = contact?.value {
            (self.account, role) = (history.accounts[id] ?? nil, id)
        }
    }
}
