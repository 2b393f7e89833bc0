import Testing

@testable import OnewayCore

@Suite struct GUIDTests {
    static let canonical = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

    @Test(arguments: [
        canonical, "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}",
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    ])
    func everyFormComesOutCanonical(_ text: String) {
        #expect(GUID(text)?.description == Self.canonical)
    }

    @Test(arguments: [
        "", "{}", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f00",
        "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg", "0f1e2d3c4-b5a-6978-8796-a5b4c3d2e1f0",
        "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}", "é",
        "0f1e2d3c-4b5a-6978-8796+a5b4c3d2e1f0",
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(GUID(text) == nil)
    }

    @Test func theZeroGUIDIsKnown() {
        #expect(GUID("00000000-0000-0000-0000-000000000000")?.isZero == true)
        #expect(GUID(Self.canonical)?.isZero == false)
    }
}
