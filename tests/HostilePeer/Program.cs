using System.CommandLine;
using System.Globalization;
using TypedShm.HostilePeer.Attacks;
using TypedShm.HostilePeer.Driving;
using TypedShm.HostilePeer.Targets;

// The processes of a run.
switch (args)
{
    case ["serve", var rights]:
        await ServerTarget.Serve(rights == Driver.WithPassRights).ConfigureAwait(false);
        return 0;
    case ["open", var rights, .. string[] attackers]:
        await ClientTarget.Open(attackers, rights == Driver.WithPassRights).ConfigureAwait(false);
        return 0;
    case ["honest"]:
        await HonestPeer.Live().ConfigureAwait(false);
        return 0;
    case ["attack", var name, var numbers, var user, .. string[] some]:
        await Attacker.Obey(name, Number(numbers), (uint)Number(user), some).ConfigureAwait(false);
        return 0;
}

Option<long> inputs = new("--inputs") { Description = "How many hostile inputs.", DefaultValueFactory = _ => 100_000 };
Option<int> seed = new("--seed") { Description = "Decides about every input.", DefaultValueFactory = _ => 1 };
Option<long> from = new("--from") { Description = "The number of the first input: with --inputs 1 the one that did it." };
Option<string[]> only = new("--only") { Description = "Only these kinds of input.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. Attack.All.Select(attack => attack.Name)]);
Option<string> kernel = new("--kernel") { Description = "Only with SO_PASSRIGHTS, or only without; half each unless given." };
kernel.AcceptOnlyFromAmong(Driver.WithPassRights, Driver.WithoutPassRights);
Option<bool> list = new("--list") { Description = "Says which kinds there are." };

const string What = "Attacks live servers and clients of every channel with raw system calls, beside an ordinary peer.";
RootCommand command = new(What)
{
    inputs, seed, from, only, kernel, list,
};
command.SetAction(async (parsed, _) =>
{
    if (parsed.GetValue(list))
    {
        foreach (Attack attack in Attack.All)
            Console.WriteLine($"{attack.Name,-16} {attack.What}");
        return 0;
    }

    string[] kernels = parsed.GetValue(kernel) is { } one ? [one] : [Driver.WithPassRights, Driver.WithoutPassRights];
    Driver driver = new(parsed.GetValue(from), parsed.GetValue(seed), parsed.GetValue(only) ?? [], Console.Out);
    return await driver.Run(parsed.GetValue(inputs), kernels).ConfigureAwait(false);
});
return await command.Parse(args).InvokeAsync().ConfigureAwait(false);

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
