using System.CommandLine;
using TypedShm.Tool;
using TypedShm.Tool.Verbs;

RootCommand root = new(
    """
    Looks into the shared-memory channels of this machine, by name, without their types. Looking disturbs nobody: it connects as an
    observer, whose memory is read-only, for whom nobody waits, and who is not counted.

    Exit codes: 0 ok; 1 something differs or failed; 2 wrong usage; 3 there is no such channel or file; 4 denied.
    """)
{
    List.Create(),
    Top.Create(),
    Peers.Create(),
    Show.Create(),
    Watch.Create(),
    Tail.Create(),
    Rate.Create(),
    Record.Create(),
    Replay.Create(),
    Export.Create(),
    Set.Create(),
    Call.Create(),
    LayoutVerb.Create(),
    Diff.Create(),
    WebVerb.Create(),
    Doctor.Create(),
    Demo.Create(),
    Completion.Create(),
};
return await Run.Invoke(root, args).ConfigureAwait(false);
