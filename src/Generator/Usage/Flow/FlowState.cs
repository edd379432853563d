using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What is known at a point of the method: what each variable may stand for, and what each object is.</summary>
internal sealed class FlowState
{
    private readonly Dictionary<object, Value> _variables;
    private readonly Dictionary<Origin, Life> _lives;

    public FlowState()
    {
        _variables = new(VariableComparer.Instance);
        _lives = [];
    }

    private FlowState(FlowState other)
    {
        _variables = new(other._variables, VariableComparer.Instance);
        _lives = new(other._lives);
    }

    public IEnumerable<Origin> Origins => _lives.Keys;

    /// <summary>What variables may stand for, by variable.</summary>
    public IEnumerable<KeyValuePair<object, Value>> Variables => _variables;

    public FlowState Clone() => new(this);

    /// <summary>
    /// What a variable (a symbol, a <see cref="MemberOf"/>, or the compiler's own <c>CaptureId</c>) may stand for; null if it was not met.
    /// </summary>
    public Value? Find(object variable) => _variables.TryGetValue(variable, out Value value) ? value : null;

    public void Set(object variable, Value value) => _variables[variable] = value;

    public void Remove(object variable) => _variables.Remove(variable);

    // What is brought in by a variable is taken for open, what is made is not there before.
    public Life this[Origin origin]
    {
        get => _lives.TryGetValue(origin, out Life life) ? life : origin.IsMadeHere ? Life.None : Life.Open;
        set => _lives[origin] = value;
    }

    /// <summary>Changes what every variable stands for.</summary>
    public void MapVariables(Func<object, Value, Value> change)
    {
        foreach (KeyValuePair<object, Value> pair in _variables.ToArray())
            _variables[pair.Key] = change(pair.Key, pair.Value);
    }

    public void MapLives(Func<Life, Life> change)
    {
        foreach (KeyValuePair<Origin, Life> pair in _lives.ToArray())
            _lives[pair.Key] = change(pair.Value);
    }

    /// <summary>Takes in what another path brings.</summary>
    public void Join(FlowState other)
    {
        foreach (KeyValuePair<object, Value> pair in other._variables)
            _variables[pair.Key] = _variables.TryGetValue(pair.Key, out Value value) ? value.Or(pair.Value) : pair.Value;
        foreach (Origin origin in other._lives.Keys.Concat(_lives.Keys).Distinct().ToArray())
            _lives[origin] = this[origin].Or(other[origin]);
    }

    public bool Equals(FlowState other) =>
        _variables.Count == other._variables.Count && _lives.Count == other._lives.Count
        && _lives.All(pair => other._lives.TryGetValue(pair.Key, out Life life) && life == pair.Value)
        && _variables.All(pair => other._variables.TryGetValue(pair.Key, out Value value) && value.Equals(pair.Value));
}
