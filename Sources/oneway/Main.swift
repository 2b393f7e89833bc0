import OnewayCore

@main struct Main {
    static func main() { print("oneway \(Oneway.version)") }
}
