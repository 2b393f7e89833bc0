extension Table {
    static let endpoint = Table(
        "serviceendpoint",
        "ServiceEndpoint",
        label: "Service Endpoint",
        typeCode: 4618,
        writers: .registration,
        columns: [
            .text("name", "Name", 256), .memo("url", "URL", 2000), .memo("description", "Description"),
            .choice(
                "contract",
                "Contract",
                [
                    1: "OneWay", 2: "Queue", 3: "Rest", 4: "TwoWay", 5: "Topic", 6: "Queue (Persistent)",
                    7: "Event Hub", 8: "Webhook",
                ]
            ),
            .choice(
                "authtype",
                "Authentication Type",
                [1: "ACS", 2: "SAS Key", 3: "SAS Token", 4: "Webhook Key", 5: "Http Header", 6: "Http Query String"]
            ),
            .memo("authvalue", "Auth Value", 2048).secret,
            Column("isauthvalueset", "Is Auth Value Set", .flag).readOnly,
            .choice("messageformat", "Message Format", [1: "Binary XML", 2: "Json", 3: "Text XML"]),
            .choice("messagecharset", "Message Charset", [0: "Default", 1: "UTF8", 2: "None"]),
            .choice("connectionmode", "Connection Mode", [1: "Normal", 2: "Federated"]),
            .text("path", "Path", 160), .text("solutionnamespace", "Solution Namespace", 160),
            .choice("userclaim", "User Claim", [1: "None", 2: "UserId", 3: "UserInfo"]),
        ]
    )

    static let message = Table(
        "sdkmessage",
        "SdkMessage",
        label: "Sdk Message",
        typeCode: 4606,
        writers: .nobody,
        columns: [.text("name", "Name", 256)]
    )

    static let messageFilter = Table(
        "sdkmessagefilter",
        "SdkMessageFilter",
        label: "Sdk Message Filter",
        typeCode: 4607,
        nameColumn: nil,
        writers: .nobody,
        columns: [
            .lookup("sdkmessageid", "SDK Message", "sdkmessage"),
            .text("primaryobjecttypecode", "Primary Object Type Code"),
            .text("secondaryobjecttypecode", "Secondary Object Type Code"),
            Column("iscustomprocessingstepallowed", "Custom Processing Step Allowed", .flag),
        ]
    )

    static let step = Table(
        "sdkmessageprocessingstep",
        "SdkMessageProcessingStep",
        label: "Sdk Message Processing Step",
        typeCode: 4608,
        writers: .registration,
        columns: [
            .text("name", "Name", 256), .memo("description", "Description", 256),
            .choice(
                "stage",
                "Execution Stage",
                [10: "Pre-validation", 20: "Pre-operation", 40: "Post-operation"]
            ),
            .choice("mode", "Execution Mode", [0: "Synchronous", 1: "Asynchronous"]),
            Column("rank", "Execution Order", .whole),
            .choice("supporteddeployment", "Deployment", [0: "Server Only", 1: "Outlook Client Only", 2: "Both"]),
            Column("asyncautodelete", "Asynchronous Automatic Delete", .flag),
            Column("canbebypassed", "Can Be Bypassed", .flag),
            .memo("filteringattributes", "Filtering Attributes", 100_000),
            .lookup("eventhandler", "Event Handler", "serviceendpoint"),
            .lookup("sdkmessageid", "SDK Message", "sdkmessage"),
            .lookup("sdkmessagefilterid", "SdkMessage Filter", "sdkmessagefilter"),
            .lookup("impersonatinguserid", "Impersonating User", "systemuser"),
            .state([0: "Enabled", 1: "Disabled"]), .status((0, 1, "Enabled"), (1, 2, "Disabled")),
        ]
    )

    static let image = Table(
        "sdkmessageprocessingstepimage",
        "SdkMessageProcessingStepImage",
        label: "Sdk Message Processing Step Image",
        typeCode: 4615,
        writers: .registration,
        columns: [
            .text("name", "Name", 256), .text("entityalias", "Entity Alias", 256),
            .choice("imagetype", "Image Type", [0: "PreImage", 1: "PostImage", 2: "Both"]),
            .text("messagepropertyname", "Message Property Name", 256),
            .memo("attributes", "Attributes", 100_000),
            .lookup("sdkmessageprocessingstepid", "SDK Message Processing Step", "sdkmessageprocessingstep"),
        ]
    )
}
