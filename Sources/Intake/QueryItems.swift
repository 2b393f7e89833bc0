import OnewayCore

/// The parameters of a query string.
///
/// `+` stays a plus: Dynamics appends a registered key as it is, and keys made by `openssl rand -base64` have pluses.
package struct QueryItems {
    private let items: [(name: String, value: String)]

    package init(_ query: String) { items = PercentEncoding.items(query, plusIsSpace: false) }

    /// As browsers write it.
    package init(form: String) { items = PercentEncoding.items(form, plusIsSpace: true) }

    private init(items: [(name: String, value: String)]) { self.items = items }

    package var withoutEmpty: QueryItems { QueryItems(items: items.filter { !$0.value.isEmpty }) }

    package var names: Set<String> { Set(items.map(\.name)) }

    package subscript(name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }
}
