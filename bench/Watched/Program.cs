using System.Globalization;
using TypedShm;
using TypedShm.WatchedChannels;

// What a writer at full speed loses while `typedshm watch` looks at its channel in a terminal.
const string Usage = """
    Watched [PAIRS [SECONDS]]
    For a state, a table and a broadcast, so many pairs of runs, one with the watch and one without, of so many seconds each
    (7 and 2 unless given); which of the two is first alternates. Exit code 1 if a median with it is more than 3% below that without.
    """;
const double Most = 0.03;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int pairs = 7;
double seconds = 2;
if (args.Length > 2 || (args.Length > 0 && !(int.TryParse(args[0], out pairs) && pairs > 0))
    || (args.Length > 1 && !(double.TryParse(args[1], out seconds) && seconds > 0)))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

bool isGood = true;
foreach (Subject subject in (Subject[])[Subject.State(), Subject.Table(), Subject.Broadcast()])
{
    using (subject)
    {
        subject.Run(TimeSpan.FromSeconds(seconds));
        List<double> with = [];
        List<double> without = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            foreach (bool isWatched in (bool[])[pair % 2 == 0, pair % 2 != 0])
                (isWatched ? with : without).Add(isWatched ? Watched(subject) : subject.Run(TimeSpan.FromSeconds(seconds)));
        }

        double change = (Median(with) / Median(without)) - 1;
        isGood &= change >= -Most;
        Console.WriteLine($"{subject.Kind,-10} without {Median(without) / 1e6,7:F2}M/s  with {Median(with) / 1e6,7:F2}M/s  "
            + $"{change,7:+0.0%;-0.0%}   without {Range(without)}, with {Range(with)}");
    }
}

return isGood ? 0 : 1;

double Watched(Subject subject)
{
    // While it starts, too, the channel is at full speed: that is what it has to show.
    using Writing writing = new(subject);
    using Terminal watch = Terminal.Watch(subject.Name);
    writing.Stop();
    long drawn = watch.Frames;
    double speed = subject.Run(TimeSpan.FromSeconds(seconds));
    return watch.Frames > drawn ? speed : throw new InvalidOperationException("The watch has drawn nothing meanwhile.");
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

static string Range(List<double> values) => $"{values.Min() / 1e6:F2} to {values.Max() / 1e6:F2}";
